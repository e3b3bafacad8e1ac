"""All faults by name. A fault is a context manager: it strikes on entry, and is over on exit."""

import contextlib
import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    place: str
    strike: typing.Callable
    summary: str
    #: how often among the others in a schedule; 0: only when it is asked for, or for the control
    weight: int = 1
    #: seconds, about; the short selection has no time for long ones
    takes: int = 3
    #: what was acknowledged could be lost: every other time the load stops at the blow, so that no later write hides it
    crash: bool = False
    #: may meet another one
    pairs: bool = True
    #: acknowledged writes are lost here, and the harness has to see it
    control: bool = False


ALL = {}


def fault(name, place="single", **more):
    def register(function):
        ALL[name] = Fault(name, place, contextlib.contextmanager(function), function.__doc__.strip(), **more)
        return function
    return register

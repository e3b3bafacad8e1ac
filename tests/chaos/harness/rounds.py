"""One round: load, one or two faults, healing, the read-back and the checker."""

import contextlib
import time


def run_round(place, faults, random):
    """What the driver reports, and what was done."""
    place.make_ready()
    start = time.monotonic()
    tell = place.driver.tell
    quiet = random.random() < 0.5
    tell("begin")
    tell("wait", random.randint(50, 400))
    with contextlib.ExitStack() as struck:
        tell("fault")
        for one in faults:
            struck.enter_context(one.strike(place, random))
        if quiet:  # what is lost now no later write can hide
            tell("still")
    answer = tell("over", place.patience)
    if not quiet:
        tell("wait", random.randint(50, 200))
    answer |= tell("end", place.patience)
    return {"faults": [one.name for one in faults], "place": place.name, "quiet": quiet,
            "control": any(one.control for one in faults), "seconds": round(time.monotonic() - start, 2), **answer}

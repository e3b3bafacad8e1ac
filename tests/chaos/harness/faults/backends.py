"""What happens to the server's processes that serve a client."""

import signal

from ..processes import send
from .registry import fault


def some(place, random):
    found = sorted(place.server.backends())
    return random.sample(found, random.randint(1, len(found))) if found else []


@fault("backend-terminate", weight=12)
def terminate(place, random):
    """pg_terminate_backend of some"""
    pids = some(place, random)
    array = "{" + ",".join(map(str, pids)) + "}"
    place.server.try_query(f"SELECT pg_terminate_backend(pid) FROM unnest('{array}'::int[]) AS pid")
    yield


@fault("backend-kill", weight=12, crash=True)
def kill(place, random):
    """SIGKILL of one: the server restarts all of them"""
    for pid in some(place, random)[:1]:
        send(pid, signal.SIGKILL)
    yield
    place.server.start()  # waits for the restart, which is its own


@fault("backend-stop")
def stop(place, random):
    """SIGSTOP of some, SIGCONT later, after the deadline or before"""
    yield from place.stand_still(some(place, random), random, 0.2, 7)


@fault("cancel")
def cancel(place, random):
    """pg_cancel_backend of all, ten times"""
    for _ in range(10):
        place.server.try_query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                               " WHERE application_name = 'atto_chaos'")
    yield

"""One round: load, one or two faults, healing, the read-back and the checker."""

import time


def run_round(place, faults, random):
    """What the driver reports, and what was done."""
    place.make_ready()
    start = time.monotonic()
    tell = place.driver.tell
    quiet = any(one.crash for one in faults) and random.random() < 0.5
    tell("begin")
    tell("wait", random.randint(50, 400))
    tell("fault")
    struck = [one.strike(place, random) for one in faults]
    for one in struck:
        one.__enter__()
    if quiet:  # what is lost now no later write can hide
        tell("still")
    for one in struck:  # in this order: a server cannot start beside a stopped process of its last life
        one.__exit__(None, None, None)
    answer = tell("over", place.patience)
    if not quiet:
        tell("wait", random.randint(50, 200))
    answer |= tell("end", place.patience)
    return {"faults": [one.name for one in faults], "place": place.name, "quiet": quiet,
            "control": any(one.control for one in faults), "seconds": round(time.monotonic() - start, 2), **answer}

"""No fault at all: many writes, on each kind of store, so that there is one winner for each version."""

from .registry import fault


def race(place, random):
    """no fault; 20,000 racing writes"""
    place.driver.tell("wait", 20000)
    yield


for name, place in (("race-postgres", "single"), ("race-sqlite", "sqlite"), ("race-memory", "memory")):
    fault(name, place, pairs=False, takes=20)(race)

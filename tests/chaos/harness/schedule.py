"""Which faults, in which order: a function of the seed, and of what there is to choose from."""

import itertools
import random


def deck(faults, seed):
    """Endless: shuffled decks in which every fault is as often as its weight says, and a pair after every fourth. The
    control is in the first one only."""
    source = random.Random(seed)
    pairable = [one for one in faults if one.pairs]
    for first in itertools.chain([True], itertools.repeat(False)):
        cards = [one for one in faults for _ in range(one.weight) if first or not one.control]
        if not cards:
            return
        source.shuffle(cards)
        for number, card in enumerate(cards, 1):
            yield [card], source.getrandbits(32)
            if number % 4 == 0 and len(pairable) > 1:
                yield pair(source, pairable), source.getrandbits(32)


def pair(source, pairable):
    first = source.choice(pairable)
    others = [one for one in pairable if one.place == first.place and one is not first]
    return [first, source.choice(others)] if others else [first]


def each(faults, times, seed):
    """Every fault so often, one kind after the other."""
    source = random.Random(seed)
    for one in faults:
        for _ in itertools.repeat(None, times):
            yield [one], source.getrandbits(32)


def selection(faults, seed):
    """For a few minutes: on a single server first, then once what takes long."""
    quick = [one for one in faults if one.place != "cluster" and one.takes < 10]
    slow = [one for one in faults if one.name == "failover"]
    source = random.Random(seed)
    yield from each(quick, 1, seed)
    for one in slow:
        yield [one], source.getrandbits(32)
    yield from deck(quick, seed)

"""Harms real servers while clients race on them, and says what came of it. script/chaos calls it."""

import argparse
import math
import os
import pathlib
import random
import signal
import sys
import time
import traceback

from . import faults, report, schedule
from .places import PLACES
from .processes import Trouble
from .rounds import run_round


class Setting:
    """Of one run."""

    def __init__(self, home, driver, seed):
        self.home, self.driver, self.seed = home, driver, seed


def arguments():
    parser = argparse.ArgumentParser(prog="script/chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, help="no round begins later; 5, or any with --times")
    parser.add_argument("--seed", type=int, help="reproduces the schedule; else one is drawn, and printed")
    parser.add_argument("--fault", action="append", metavar="NAME", help="only these")
    parser.add_argument("--times", type=int, metavar="N", help="every fault so often, one kind after the other")
    parser.add_argument("--selection", action="store_true", help="what the tests run: each fault on a single server, "
                        "then a synchronous failover")
    parser.add_argument("--list", action="store_true", help="name the faults, and end")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="the report, with every round")
    parser.add_argument("--driver", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--home", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def say(text):
    print(text, flush=True)


def chosen(o):
    if o.fault:
        unknown = [name for name in o.fault if name not in faults.ALL]
        if unknown:
            raise Trouble(f"no such fault: {', '.join(unknown)}; --list names them")
        return [faults.ALL[name] for name in o.fault]
    return [one for one in faults.ALL.values() if one.weight]


def possible(wanted):
    """Those whose programs are installed, as all have to be in CI, and whose harm this machine lets us do."""
    for place in {one.place for one in wanted}:
        missing = PLACES[place].missing()
        why = f"not installed: {', '.join(missing)} (script/bootstrap test)" if missing else PLACES[place].forbidden()
        if not why:
            continue
        if missing and os.environ.get("CI"):
            raise Trouble(why)
        say(f"skipped, {why}: {', '.join(one.name for one in wanted if one.place == place)}")
        wanted = [one for one in wanted if one.place != place]
    return wanted


def plan(o, wanted):
    if o.times:
        return schedule.each(wanted, o.times, o.seed)
    return schedule.selection(wanted, o.seed) if o.selection else schedule.deck(wanted, o.seed)


def describe(number, one):
    words = [f"{number:4}", f"{report.label(one):40}", f"{one['operations']:6} operations",
             f"{one['unknown']:4} unknown", f"back in {one['recovered_ms']:6} ms", f"{report.lost(one):4} lost"]
    return "  ".join(words) + (f"  {one['violations']} wrong" if one["violations"] else "")


def run(o, wanted, rounds):
    """Adds to `rounds` as it goes, so that what was done is known however it ends."""
    setting = Setting(o.home, o.driver, o.seed)
    end = time.monotonic() + 60 * (o.minutes or (math.inf if o.times else 5))
    places = {}
    try:
        for number, (strikes, seed) in enumerate(plan(o, wanted), 1):
            if time.monotonic() > end:
                break
            name = strikes[0].place
            if name not in places:
                places[name] = PLACES[name](setting)
            rounds.append(watched(places[name], strikes, random.Random(seed)))
            say(describe(number, rounds[-1]))
            why = report.wrong(rounds[-1])
            if why:
                say(f"WRONG: {why}")
    finally:
        for place in reversed(places.values()):
            place.close()


def watched(place, strikes, source):
    try:
        return run_round(place, strikes, source)
    except Trouble as e:
        raise Trouble(f"in a round of {' + '.join(one.name for one in strikes)}: {e}") from e


def main():
    o = arguments()
    if o.list:
        for one in faults.ALL.values():
            say(f"{one.name:20} {one.place:10} {one.summary}")
        return 0
    o.seed = random.SystemRandom().getrandbits(31) if o.seed is None else o.seed
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins without
    rounds, trouble = [], None
    start = time.monotonic()
    try:
        wanted = possible(chosen(o))
        say(f"seed {o.seed}; {len(wanted)} faults: {', '.join(one.name for one in wanted)}")
        run(o, wanted, rounds)
    except (Trouble, KeyboardInterrupt) as e:
        trouble = str(e) or "interrupted"
    except Exception as e:  # a mistake of the harness: what was done before it is reported all the same
        traceback.print_exc()
        trouble = f"{type(e).__name__}: {e}"
    facts = {"seed": o.seed, "seconds": round(time.monotonic() - start), "cores": os.cpu_count(), "trouble": trouble}
    if o.json:
        o.json.write_text(report.as_json(rounds, facts))
    return conclude(rounds, facts)


def conclude(rounds, facts):
    bad = [one for one in rounds if report.wrong(one)]
    say("\n" + report.table(rounds))
    say(f"\nseed {facts['seed']}, {facts['seconds']} s, {len(rounds)} rounds, {len(bad)} wrong")
    if facts["trouble"]:
        say(f"script/chaos: {facts['trouble']}")
    if not rounds:
        say("script/chaos: nothing was run")
    return 1 if bad or facts["trouble"] or not rounds else 0


if __name__ == "__main__":
    sys.exit(main())

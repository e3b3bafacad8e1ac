"""Runs three nodes over one PostgreSQL, harms them, and checks that every message led to exactly one turn.

script/demo --cluster calls it, and CTest with --short.
"""

import argparse
import contextlib
import itertools
import json
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time

from harness.postgres import Postgres
from harness.processes import Trouble, program, until

from .counts import Counts
from .front_end import FrontEnd
from .node import Node
from .verdict import Store, judge

NAMES = ("north", "south", "west")
ROOT = pathlib.Path(__file__).resolve().parents[3]
LARGE = pathlib.Path(os.environ.get("ATTO_DATA_DIR") or ROOT / "none", "airline_conversations.jsonl")
SAMPLE = ROOT / "examples/data/conversations.jsonl"


class Setting:
    """Of one run. Times in seconds, but for what the nodes are told."""

    def __init__(self, o):
        self.node, self.seed = o.node.resolve(), o.seed
        self.ttl_ms, self.think_ms = (1000, 40) if o.short else (1500, 40)
        self.at_once = 8 if o.short else 24
        self.longest = 10 if o.short else 30  # messages of a conversation that are sent
        self.calm = 0.5 if o.short else 3
        self.hold = self.ttl_ms / 1000 + (0.5 if o.short else 1.5)
        self.ask_limit = 1


def arguments():
    parser = argparse.ArgumentParser(prog="script/demo --cluster", description=__doc__)
    parser.add_argument("file", type=pathlib.Path, nargs="?", default=LARGE if LARGE.exists() else SAMPLE,
                        help='JSON lines {"session_id": "...", "messages": [...]}; else those of ATTO_DATA_DIR, else the sample')
    parser.add_argument("--short", action="store_true", help="what the tests run")
    parser.add_argument("--seed", type=int, help="of the front end's choices; else one is drawn, and printed")
    parser.add_argument("--node", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--atto", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def say(text):
    print(text, flush=True)


def sessions(path, longest):
    """One after the other, without end: each time round under new names."""
    with open(path, encoding="utf-8") as lines:
        conversations = [json.loads(line) for line in lines if line.strip()]
    if not conversations:
        raise Trouble(f"{path} holds no conversation")
    for turn in itertools.count(1):
        for one in conversations:
            name = f"{one['session_id']}.{turn}"
            if "\t" in name or "\n" in name:
                raise Trouble(f"{path}: a session id with a tab or a line's end cannot be sent here")
            yield name, one["messages"][:longest]


class Drill:
    def __init__(self, setting, server, nodes, front_end, counts):
        self.setting, self.server, self.nodes = setting, server, nodes
        self.front_end, self.counts = front_end, counts
        self.late = 0  # turns of a frozen node that were refused when it went on

    def run(self):
        north, south, west = self.nodes
        self.hold(self.setting.calm)
        self.kill(north)
        self.freeze(south)
        self.stop(west)
        self.restart()
        self.phase("all is well again")
        self.hold(self.setting.calm)

    def phase(self, name):
        self.counts.begin(name)

    def hold(self, seconds):
        """A fault lasts as long as only time can tell."""
        time.sleep(seconds)
        self.front_end.check()

    def go_on(self):
        """Until turns are answered again, and those that had waited for it as well, as a rule."""
        before = self.counts.total("turns")
        until(lambda: self.front_end.check() or self.counts.total("turns") > before, 60, "a turn is answered again")
        self.hold(1)

    def kill(self, node):
        say(f"   {node.name} is killed with SIGKILL, and comes back {self.setting.hold:.1f} s later.")
        self.phase(f"{node.place} killed")
        node.kill()
        self.hold(self.setting.hold)
        node.start()
        self.go_on()

    def freeze(self, node):
        """Past its ttl, with turns on their way: when it goes on, it believes that its sessions are its own."""
        self.phase(f"{node.place} frozen")
        for _ in range(5):
            before = node.numbers()["claim_lost"]
            until(lambda: self.front_end.check() or node.numbers()["running"], 60, "a turn to freeze")
            seconds = 2 * self.setting.hold
            node.freeze()
            say(f"   {node.name} is frozen with SIGSTOP for {seconds:.1f} s; its claims last {self.setting.ttl_ms} ms.")
            self.hold(seconds)
            node.thaw()
            self.go_on()
            self.late += node.numbers()["claim_lost"] - before
            if self.late:
                say(f"   {node.name} goes on, and {self.late} of its turns that others have done meanwhile are refused.")
                return
        raise Trouble(f"{node.name} was frozen five times, and no late turn of it was refused")

    def stop(self, node):
        say(f"   {node.name} is stopped politely, with SIGTERM, and comes back.")
        self.phase(f"{node.place} stopped politely")
        status = node.stop()
        if status:
            raise Trouble(f"{node.name} was to stop politely, and ended with status {status}")
        self.hold(self.setting.hold)
        node.start()
        self.go_on()

    def restart(self):
        say("   PostgreSQL is restarted.")
        self.phase("PostgreSQL restarted")
        self.server.process.stop()
        self.hold(0.5)
        self.server.start()
        self.go_on()


def conclude(setting, drill, counts, played, nodes, wrong):
    say("")
    for line in counts.table().splitlines():
        say("   " + line)
    say(f"\n   Late turns of the frozen node that were refused: {drill.late}. "
        f"Conflicts and lost claims that the nodes counted: {sum(n.total('conflicts') for n in nodes)} and "
        f"{sum(n.total('claim_lost') for n in nodes)}.")
    words = ", ".join(f"{kind} {number}" for kind, number in counts.kinds.most_common())
    say(f"   Asked again because of: {words or 'nothing'}.")
    messages = sum(map(len, played.values()))
    say(f"   {len(played)} sessions with {messages} messages were read back by the command atto: "
        + (f"{len(wrong)} things are WRONG" if wrong else "each message is there exactly once, and in order") + ".")
    for one in wrong[:20]:
        say(f"   WRONG: {one}")
    if messages != counts.total("turns"):
        wrong.append(f"{messages} messages were answered with {counts.total('turns')} turns")
    if not drill.late or not counts.total("takeovers"):
        wrong.append("too little happened to prove anything")
    return 1 if wrong else 0


def run(o, home, opened):
    setting = Setting(o)
    server = Postgres(home)
    opened.callback(server.process.stop)
    store = server.dsn
    nodes = []
    for name in NAMES:
        nodes.append(Node(setting, store, home, name))
        opened.callback(nodes[-1].close)
    counts = Counts()
    front_end = FrontEnd([n.address for n in nodes], sessions(o.file, setting.longest), counts, o.seed,
                         setting.at_once, setting.ask_limit)
    drill = Drill(setting, server, nodes, front_end, counts)
    say(f"   {', '.join(n.name for n in nodes)} run over one PostgreSQL. A front end sends the messages of "
        f"{setting.at_once} conversations\n   of {o.file.name} at a time to random nodes. (seed {o.seed})")
    front_end.start()
    try:
        drill.run()
    except BaseException:
        front_end.abandon()
        raise
    front_end.end()
    wrong = judge(front_end.played, Store(o.atto.resolve(), store))
    return conclude(setting, drill, counts, front_end.played, nodes, wrong)


def interrupted(*_):
    raise KeyboardInterrupt


def main():
    o = arguments()
    missing = [name for name in ("postgres", "initdb", "psql", "setpriv") if program(name) is None]
    if missing:
        required = os.environ.get("CI") or os.environ.get("ATTO_REQUIRE_POSTGRES")
        say(f"{'' if required else 'skipped: '}not installed: {', '.join(missing)} (script/bootstrap test)")
        return 1 if required else 0
    o.seed = random.SystemRandom().getrandbits(31) if o.seed is None else o.seed
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGINT, interrupted)  # a shell's background job begins without
    start = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="atto-cluster.", dir="/var/tmp") as home, \
             contextlib.ExitStack() as opened:
            if os.geteuid() == 0:
                shutil.chown(home, "postgres", "postgres")  # who makes the server's folder in it
            status = run(o, pathlib.Path(home), opened)
    except (Trouble, KeyboardInterrupt) as e:
        say(f"script/demo --cluster: {str(e) or 'interrupted'}")
        return 1
    say(f"   It took {time.monotonic() - start:.0f} s.")
    return status


if __name__ == "__main__":
    sys.exit(main())

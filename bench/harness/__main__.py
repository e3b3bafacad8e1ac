"""Runs the benchmarks against the server that script/with-postgres has started. script/bench calls it."""

import argparse
import datetime
import json
import os
import pathlib
import sys
import tempfile

from . import cases, documents, machine, report
from .rounds import Runner, Series, say
from .server import Server

ROOT = pathlib.Path(__file__).resolve().parents[2]
LARGE = pathlib.Path(os.environ.get("ATTO_DATA_DIR") or ROOT / "none", "airline_conversations.jsonl")
SAMPLE = ROOT / "examples/data/conversations.jsonl"
QUICK = ("small, save: atto", "small, save: pgx", "small, save: raw libpq loop", "small, append: atto", "idle: atto",
         "idle: libpq, blocking", "conversations, append: atto", "conversations, save: pgx",
         "long, 10 events, append: atto", "long, 100 events, append: atto", "long, 100 events, save: pgx",
         "long, 1000 events, append: atto", "long, 1000 events, save: pgx", "SQLite, 64 writers, save: atto",
         "SQLite, a commit per save, WAL", "list, first page: atto", "list, first page: pgbench", "waiting: atto, memory",
         "waiting: atto, postgres", "small, append: raw libpq loop", "conversations, append: raw libpq loop",
         "WAL, 1000 events, append: atto", "WAL, 1000 events, save: pgx", "turns: runtime, postgres",
         "turns: bare append, postgres", "turns: runtime, memory", "turns: post and a coroutine", "hydrate: runtime",
         "hydrate: bare loads")


def arguments():
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure atto and what users would take instead.")
    parser.add_argument("--quick", action="store_true", help="a minute or two: does all of it work? Figures mean little")
    parser.add_argument("--only", choices=cases.WORKLOADS, metavar="WORKLOAD", help=", ".join(cases.WORKLOADS))
    parser.add_argument("--json", action="store_true", help="print the results as JSON, not the table")
    parser.add_argument("--rounds", type=int, help="3, or 1 with --quick")
    parser.add_argument("--seconds", type=float, help="of each run: 1.5, or 0.5 with --quick")
    parser.add_argument("--file", type=pathlib.Path, help="conversations; else those of ATTO_DATA_DIR, else the sample")
    parser.add_argument("--report", type=pathlib.Path, metavar="RESULTS", help="render docs/performance.md from a file")
    return parser.parse_args()


def chosen(o):
    names = [o.only] if o.only else list(cases.WORKLOADS)
    every = [case for name in names for case in cases.WORKLOADS[name]()]
    return [case for case in every if case.name in QUICK] if o.quick and not o.only else every


def source_of(o):
    return o.file or (LARGE if LARGE.exists() else SAMPLE)


def measure(o):
    server = Server.from_environment()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="atto-bench.", dir=os.environ.get("TMPDIR")))
    try:
        source = source_of(o)
        documents.write(source, folder)
        files = {"source": source, "conversations": folder / "conversations.txt", "events": folder / "events.txt"}
        described = machine.describe(folder)
        seconds = o.seconds or (0.5 if o.quick else 1.5)
        runner = Runner(server, folder, files, seconds, o.quick)
        series = Series(runner, chosen(o))
        found = series.run(o.rounds or (1 if o.quick else 3))
        plan = {"rounds": series.rounds, "seconds": seconds, "sessions": runner.list_length(),
                "conversations": f"{len(documents.conversations(source))} of {source.name}"}
        return {"date": datetime.date.today().isoformat(), "quick": o.quick, "machine": described,
                "server": server.settings(), "plan": plan, "cases": found}
    finally:
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()


def keep(results):
    """A whole run is what the documents show; a quick one stays in build/."""
    kind = f"{results['date']}-{results['machine']['cores']}-cores"
    file = f"build/bench/{kind}-quick.json" if results["quick"] else f"bench/results/{kind}.json"
    docs = ROOT / ("build/bench" if results["quick"] else "docs")
    (ROOT / file).parent.mkdir(parents=True, exist_ok=True)
    (ROOT / file).write_text(report.as_json(results))
    report.write(results, file, docs)
    say(f"wrote {file} and {docs.relative_to(ROOT)}/performance.md")


def main():
    o = arguments()
    if o.report:
        results = json.loads(o.report.read_text())
        report.write(results, o.report.resolve().relative_to(ROOT), ROOT / "docs")
        print(report.as_text(results["cases"]))
        return 0
    results = measure(o)
    if not o.only:
        keep(results)
    print(report.as_json(results) if o.json else report.as_text(results["cases"]))
    for name, row in results["cases"].items():
        if "absent" in row:
            say(f"no figure for {name}: {row['absent']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Runs cases in alternation (A B C, A B C, A B C), checks what each left in its tables, and takes medians."""

import pathlib
import sqlite3
import statistics
import sys
import time

from . import programs
from .cases import CONTENT
from .programs import Failure

PEER_TABLE = (
    "CREATE TABLE {0} (session_id text PRIMARY KEY, version bigint NOT NULL, state jsonb NOT NULL,"
    " history jsonb NOT NULL, updated_at timestamptz NOT NULL DEFAULT now())"
)
LIST_TABLE = "bench_list"
# Seconds for all rounds: with the build, script/bench is to end in under 20 minutes.
BUDGET = 14 * 60


def say(text):
    print(text, file=sys.stderr, flush=True)


class Runner:
    def __init__(self, server, folder, files, seconds, quick):
        self.server = server
        self.folder = folder
        self.files = files  # conversations.jsonl for atto; conversations.txt and events.txt for peers
        self.seconds = seconds
        self.quick = quick
        self.list_is_made = False
        self.list_failure = None

    def run(self, case, connections=None, seconds=None):
        """One run of a case, on tables of its own. Raises Failure, also when rows are missing afterwards."""
        table = self.server.fresh_table()
        try:
            result = self.perform(case, table, connections, seconds or self.seconds)
            if case.proof in ("versions", "pgbench"):
                self.compare(case, result, self.server.versions(table))
            elif case.proof == "checkpoints":
                self.compare(case, result, self.server.checkpoints(table))
            return result
        finally:
            self.server.drop(table)

    def perform(self, case, table, connections, seconds):
        if case.program == "pgbench":
            return self.pgbench(case, table, connections, seconds)
        if case.proof == "file":
            return self.on_file(case, seconds)
        options = self.options(case, table, connections, seconds)
        if case.wal:
            return self.count_wal(case, options)
        if case.workload == "list":
            self.make_list()
            options |= {"table": LIST_TABLE, "prepared": True, "sessions": self.list_length()}
        return programs.run(case.program, options)

    def options(self, case, table, connections, seconds):
        options = {**case.options, "seconds": seconds, "warmup": 0.3 if self.quick else 0.5}
        file = options.pop("file", None)
        if case.program == "atto":
            on = options.pop("on", "postgres")
            options |= {"store": {"postgres": self.server.dsn, "memory": "memory:"}.get(on, self.database())}
            options |= {"table": table, "keep": on == "postgres"}
            options |= {"file": self.files["source"]} if file else {}
            return options
        options |= {"dsn": self.server.dsn, "table": table}
        options |= {"file": self.files[file]} if file else {}
        options |= {"connections": connections} if connections else {}
        return options

    def database(self):
        path = self.folder / "bench.db"
        for name in (path, pathlib.Path(f"{path}-journal"), pathlib.Path(f"{path}-wal"), pathlib.Path(f"{path}-shm")):
            name.unlink(missing_ok=True)
        return f"sqlite:{path}"

    def on_file(self, case, seconds):
        store = self.database()
        options = {**case.options, "seconds": seconds, "warmup": 0.3}
        if case.program == "atto":
            options |= {"store": store, "keep": True}
        else:
            options |= {"dsn": store.removeprefix("sqlite:")}
        result = programs.run(case.program, options)
        table = "atto_sessions" if case.program == "atto" else "peer_sessions"
        database = sqlite3.connect(store.removeprefix("sqlite:"))
        self.compare(case, result, database.execute(f"SELECT sum(version) FROM {table}").fetchone()[0])
        database.close()
        self.database()
        return result

    def count_wal(self, case, options):
        """From a checkpoint behind the preparations to the last acknowledged turn; full_page_writes is on."""
        begin = []

        def at_start():
            self.server.query("CHECKPOINT")
            begin.append(self.server.wal_position())

        result = programs.run_held(case.program, options, at_start)
        result["wal_bytes_a_turn"] = round((self.server.wal_position() - begin[0]) / result["ops"])
        return result

    def list_length(self):
        return 5_000 if self.quick else 100_000

    def make_list(self):
        if self.list_failure:
            raise self.list_failure
        if self.list_is_made:
            return
        say(f"  making {self.list_length()} sessions to list")
        try:
            programs.run("atto", {"workload": "list", "store": self.server.dsn, "table": LIST_TABLE, "keep": True,
                                  "sessions": self.list_length(), "ops": 1}, limit=300)
        except Failure as e:
            self.list_failure = e  # not tried again: it takes long
            raise
        self.server.query(f"VACUUM ANALYZE {LIST_TABLE}")
        self.list_is_made = True

    def pgbench(self, case, table, connections, seconds):
        if case.workload == "list":
            self.make_list()
            after = f"atto-bench:list:{self.list_length() // 2:08}" if case.options["middle"] else ""
            # A parameter, as users send it; in the text a colon would begin a variable.
            variables = {"table": LIST_TABLE, "after": "'" + after.replace(":", "' || chr(58) || '") + "'"}
            return programs.run_pgbench(self.server.dsn, "page.sql", 1, seconds, variables)
        self.server.query(PEER_TABLE.format(table))
        variables = {"table": table, "content": CONTENT}
        return programs.run_pgbench(self.server.dsn, "save.sql", connections, seconds, variables)

    @staticmethod
    def compare(case, result, stored):
        if stored != result["acknowledged"]:
            raise Failure(f"{case.name}: {result['acknowledged']} writes were acknowledged, {stored} are stored")
        result["rows_checked"] = True


def best_connections(runner, case):
    """The setting with the highest rate in a short run; a peer competes with its best one."""
    if len(case.tries) < 2:
        return case.tries[0] if case.tries else None
    tried = {}
    for connections in case.tries:
        tried[connections] = runner.run(case, connections, runner.seconds / 2)["ops_per_second"]
    best = max(tried, key=tried.get)
    say(f"  {case.name}: connections {tried}, takes {best}")
    return best


def spread(results, key):
    values = [r[key] for r in results if key in r]
    if not values:
        return None
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


KEYS = ("ops_per_second", "p50_us", "p90_us", "p99_us", "max_us", "mean_us", "wal_bytes_a_turn", "heap_bytes",
        "payload_bytes", "ops")


class Series:
    """All rounds of all cases."""

    def __init__(self, runner, cases):
        self.runner = runner
        self.cases = cases
        self.results = {case.name: [] for case in cases}
        self.settings = {}
        self.absent = {}  # name of a case: why it has no figure
        self.rounds = 0  # done

    def run(self, rounds):
        for case in self.cases:
            reason = programs.missing(case.program)
            if reason:
                self.absent[case.name] = reason
        started = time.monotonic()
        while self.rounds < rounds and self.fits(time.monotonic() - started):
            say(f"round {self.rounds + 1} of {rounds}")
            for case in self.cases:
                if case.name not in self.absent and (self.rounds == 0 or not case.once):
                    self.run_one(case)
            self.rounds += 1
        return self.summary()

    def fits(self, taken):
        """Whether one more round, which takes no longer than those before, ends within the budget."""
        if self.rounds == 0 or taken * (self.rounds + 1) / self.rounds <= BUDGET:
            return True
        say("no further round: the time is up")
        return False

    def run_one(self, case):
        started = time.monotonic()
        try:
            if case.name not in self.settings:
                self.settings[case.name] = best_connections(self.runner, case)
            result = self.runner.run(case, self.settings[case.name])
        except Failure as e:
            self.absent[case.name] = str(e)
            say(f"  {case.name}: no result: {e}")
            return
        self.results[case.name].append(result)
        figure = result.get("wal_bytes_a_turn") or result["ops_per_second"]
        say(f"  {case.name}: {figure:,.0f}  ({time.monotonic() - started:.1f} s)")

    def summary(self):
        rows = {}
        for case in self.cases:
            results = self.results[case.name]
            row = {"program": case.program, "workload": case.workload, "runs": len(results)}
            if case.name in self.absent:
                row["absent"] = self.absent[case.name]
            if results:
                row["connections"] = results[-1].get("connections")
                row["rows_checked"] = all(r.get("rows_checked", case.proof in ("nothing", "shared table")) for r in results)
                row |= {key: spread(results, key) for key in KEYS if spread(results, key)}
            rows[case.name] = row
        return rows

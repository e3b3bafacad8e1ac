"""What is measured: which program does which work, and which settings of a peer are tried before the best is taken."""

from dataclasses import dataclass, field

LENGTHS = (10, 100, 1000, 10000)
# What atto's pool is tried with, as the pools and loops of the others are.
POOLS = (2, 4)
CONTENT = ("The quick brown fox jumps over the lazy dog. " * 30)[:950]


@dataclass(frozen=True)
class Case:
    name: str
    workload: str  # of script/bench --only
    program: str
    options: dict = field(default_factory=dict)
    # Values of --connections to try; the best one is measured.
    tries: tuple = ()
    # What is compared with the acknowledged writes afterwards: versions, checkpoints, file, nothing.
    proof: str = "versions"
    # Counts WAL over a fixed number of turns instead of taking the time.
    wal: bool = False
    # Only in the first round.
    once: bool = False


def small():
    wide = {"workload": "small", "writers": 64}
    yield Case("small, save: atto", "small", "atto", {**wide, "mode": "save"}, POOLS)
    yield Case("small, save: pgx", "small", "pgx", wide, (8, 16, 32))
    yield Case("small, save: raw libpq loop", "small", "libpq_pipeline", wide, (1, 2, 4))
    yield Case("small, save: libpq, 16 threads", "small", "libpq_blocking", {"workload": "small", "writers": 16})
    yield Case("small, save: asyncpg", "small", "asyncpg", wide, (4, 16))
    yield Case("small, save: pgbench", "small", "pgbench", {"script": "save.sql"}, (16, 32), "pgbench")
    yield Case("small, append: atto", "small", "atto", {**wide, "mode": "append"}, POOLS)
    yield Case("small, append: raw libpq loop", "small", "libpq_pipeline", {**wide, "mode": "append"}, (1, 2, 4))


def idle():
    yield Case("idle: atto", "idle", "atto", {"workload": "idle"})
    yield Case("idle: atto, store on another thread", "idle", "atto", {"workload": "idle", "store-thread": True})
    yield Case("idle: libpq, blocking", "idle", "libpq_blocking", {"workload": "idle"})
    yield Case("idle: pgx", "idle", "pgx", {"workload": "idle", "connections": 1})
    yield Case("idle, append: atto", "idle", "atto", {"workload": "idle", "mode": "append"})
    yield Case("idle, append: libpq, blocking", "idle", "libpq_blocking", {"workload": "idle", "mode": "append"})


def conversations():
    wide = {"workload": "conversations", "writers": 64, "file": "conversations"}
    yield Case("conversations, append: atto", "conversations", "atto", {**wide, "mode": "append"}, POOLS)
    yield Case("conversations, save: atto", "conversations", "atto", {**wide, "mode": "save"}, POOLS)
    yield Case("conversations, save: pgx", "conversations", "pgx", wide, (8, 16, 32))
    yield Case("conversations, append: raw libpq loop", "conversations", "libpq_pipeline", {**wide, "mode": "append"},
               (1, 2, 4))
    yield Case("conversations, save: asyncpg", "conversations", "asyncpg", wide, (4, 16))
    yield Case("conversations, put: LangGraph", "conversations", "langgraph", wide, (8,), "checkpoints")


def long():
    for events in LENGTHS:
        wide = {"workload": "long", "writers": 64, "events": events, "file": "events"}
        yield Case(f"long, {events} events, append: atto", "long", "atto", {**wide, "mode": "append"}, POOLS)
        yield Case(f"long, {events} events, save: atto", "long", "atto", {**wide, "mode": "save"})
        yield Case(f"long, {events} events, save: pgx", "long", "pgx", wide, (8, 16, 32))
    wide = {"workload": "long", "writers": 64, "events": 1000, "file": "events"}
    yield Case("long, 1000 events, append: raw libpq loop", "long", "libpq_pipeline", {**wide, "mode": "append"},
               (1, 2, 4))


def wal():
    for events in LENGTHS:
        turns = 200 if events > 1000 else 2000
        # The same sessions, each as often: a page's first change after a checkpoint is logged whole.
        fixed = {"workload": "long", "writers": 8, "events": events, "file": "events", "sessions": turns // 20,
                 "ops": turns}
        yield Case(f"WAL, {events} events, append: atto", "wal", "atto", {**fixed, "mode": "append"}, wal=True,
                   once=events != 1000)
        yield Case(f"WAL, {events} events, save: pgx", "wal", "pgx", {**fixed, "connections": 8}, wal=True,
                   once=events != 1000)


def load():
    wide = {"workload": "load", "writers": 4, "events": 1000, "file": "events"}
    yield Case("load, whole, 1000 appended events: atto", "load", "atto", wide)
    yield Case("load, last 20 of 1000 appended events: atto", "load", "atto", {**wide, "last": 20})
    yield Case("load, whole, 1000 saved events: atto", "load", "atto", {**wide, "mode": "save"})
    yield Case("load, whole, one jsonb value: libpq, 4 threads", "load", "libpq_blocking", wide)


def listing():
    for page in ("first", "middle"):
        yield Case(f"list, {page} page: atto", "list", "atto", {"workload": "list", "middle": page == "middle"},
                   proof="shared table")
        yield Case(f"list, {page} page: pgbench", "list", "pgbench", {"script": "page.sql", "middle": page == "middle"},
                   (1,), "shared table")


def sqlite():
    wide = {"workload": "small", "writers": 64}
    yield Case("SQLite, 64 writers, save: atto", "sqlite", "atto", {**wide, "mode": "save"}, proof="file")
    yield Case("SQLite, 64 writers, append: atto", "sqlite", "atto", {**wide, "mode": "append"}, proof="file")
    for journal, name in (("wal", "WAL"), ("delete", "rollback journal")):
        options = {**wide, "journal": journal}
        yield Case(f"SQLite, a commit per save, {name}", "sqlite", "sqlite_per_save", options, proof="file")


def waiting():
    for store in ("memory", "sqlite", "postgres"):
        yield Case(f"waiting: atto, {store}", "waiting", "atto", {"workload": "waiting", "on": store, "timeout": "150s"}, proof="nothing",
                   once=True)


def runtime():
    wide = {"workload": "turns", "writers": 64}
    memory = {**wide, "on": "memory"}
    yield Case("turns: runtime, memory", "runtime", "atto", memory, proof="nothing")
    yield Case("turns: post and a coroutine", "runtime", "atto", {**memory, "by": "coroutine"}, proof="nothing")
    yield Case("turns: post, a coroutine and an append, memory", "runtime", "atto", {**memory, "by": "parts"}, proof="nothing")
    answered = {**memory, "pause": 100}
    yield Case("turns that wait 100 µs: runtime, memory", "runtime", "atto", answered, proof="nothing")
    yield Case("turns that wait 100 µs: one lock, memory", "runtime", "atto", {**answered, "by": "lock"}, proof="nothing")
    at_once = {"workload": "hydrate"}
    yield Case("hydrate: runtime", "runtime", "atto", at_once)
    yield Case("hydrate: bare loads", "runtime", "atto", {**at_once, "by": "store"})
    yield Case("hydrate: runtime, claims", "runtime", "atto", {**at_once, "claims": True})
    yield Case("hydrate: bare claims", "runtime", "atto", {**at_once, "by": "store", "claims": True})
    # Last: after so many writes the server goes on for a while by itself, and what is in memory only would pay for it.
    yield Case("turns: runtime, postgres", "runtime", "atto", wide)
    yield Case("turns: bare append, postgres", "runtime", "atto", {**wide, "by": "store"})


def live():
    # The sessions are made first; a turn of each then makes it live.
    yield Case("live sessions: atto", "live", "atto", {"workload": "live", "timeout": "150s"}, once=True)


WORKLOADS = {
    "small": small, "idle": idle, "conversations": conversations, "long": long, "wal": wal, "load": load,
    "list": listing, "sqlite": sqlite, "waiting": waiting, "runtime": runtime, "live": live,
}

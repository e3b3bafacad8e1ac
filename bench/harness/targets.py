"""The table "What it must reach": each row is a ratio of two medians of one run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    workload: str
    against: str
    ours: str  # a case
    theirs: str
    key: str
    limit: float
    at_least: bool
    wanted: str


RATE, P50, MEAN, WAL = "ops_per_second", "p50_us", "mean_us", "wal_bytes_a_turn"

TARGETS = (
    Target("small, 64 writers, whole save", "pgx with its best pool size", "small, save: atto", "small, save: pgx",
           RATE, 3.5, True, "≥ 3.5×"),
    Target("small, 64 writers, whole save", "raw libpq loop, the same number in flight, grouped", "small, save: atto",
           "small, save: raw libpq loop", RATE, 0.75, True, "≥ 0.75"),
    Target("small, 64 writers, append", "raw libpq loop, appends grouped, the same number in flight",
           "small, append: atto", "small, append: raw libpq loop", RATE, 0.75, True, "≥ 0.75"),
    Target("conversations, append, 64 writers", "pgx, whole snapshot each turn, its best pool size",
           "conversations, append: atto", "conversations, save: pgx", RATE, 12, True, "≥ 12×"),
    Target("conversations, append", "raw libpq loop, appends grouped, the same number in flight",
           "conversations, append: atto", "conversations, append: raw libpq loop", RATE, 0.75, True, "≥ 0.75"),
    Target("long, 1,000 events (~125 KB), append", "pgx, whole snapshot", "long, 1000 events, append: atto",
           "long, 1000 events, save: pgx", RATE, 40, True, "≥ 40×"),
    Target("long, append: 10,000 events", "itself with 10 events", "long, 10000 events, append: atto",
           "long, 10 events, append: atto", RATE, 0.8, True, "≥ 0.8"),
    Target("WAL bytes a turn at 1,000 events", "the seed's statement", "WAL, 1000 events, append: atto",
           "WAL, 1000 events, save: pgx", WAL, 1 / 40, False, "≤ 1/40"),
    Target("idle, one writer, p50, store and caller on one single-threaded io_context",
           "blocking libpq, one connection", "idle: atto", "idle: libpq, blocking", P50, 1.2, False, "≤ 1.2×"),
    Target("idle, one writer, p50, the store on another thread", "blocking libpq, one connection",
           "idle: atto, store on another thread", "idle: libpq, blocking", P50, 1.5, False, "≤ 1.5×"),
    Target("SQLite, 64 writers, whole save", "SQLite, a commit per save, rollback journal as atto's",
           "SQLite, 64 writers, save: atto", "SQLite, a commit per save, rollback journal", RATE, 8, True, "≥ 8×"),
    Target("SQLite, 64 writers, whole save", "SQLite, a commit per save, WAL (the faster one)",
           "SQLite, 64 writers, save: atto", "SQLite, a commit per save, WAL", RATE, 8, True, "≥ 8×"),
    Target("list, first page of 100 out of 100,000", "pgbench running the bare index query", "list, first page: atto",
           "list, first page: pgbench", MEAN, 1.5, False, "≤ 1.5×"),
    Target("list, middle page", "pgbench running the bare index query", "list, middle page: atto",
           "list, middle page: pgbench", MEAN, 1.5, False, "≤ 1.5×"),
    Target("10,000 operations waiting, 1 KB each, PostgreSQL store", "the bytes of their documents",
           "waiting: atto, postgres", "", "heap", 3, False, "≤ 3×"),
    Target("10,000 operations waiting, 1 KB each, memory store", "the bytes of their documents", "waiting: atto, memory", "", "heap", 3, False,
           "≤ 3×"),
    Target("load, whole, 1,000 appended events", "libpq reading the same history from one jsonb value",
           "load, whole, 1000 appended events: atto", "load, whole, one jsonb value: libpq, 4 threads", RATE, 0.5, True,
           "≥ 1/2"),
    Target("empty turns of 10,000 live sessions, 64 callers, PostgreSQL store", "bare async_append",
           "turns: runtime, postgres", "turns: bare append, postgres", RATE, 0.8, True, "≥ 0.8"),
    Target("empty turns of 10,000 live sessions, 64 callers, memory store", "a bare post and one coroutine",
           "turns: runtime, memory", "turns: post and a coroutine", RATE, 0.5, True, "≥ 0.5"),
    Target("the same, and each handler waits for 100 µs", "one lock around all sessions",
           "turns that wait 100 µs: runtime, memory", "turns that wait 100 µs: one lock, memory", RATE, 4, True, "≥ 4×"),
    Target("hydrating 10,000 sessions of 1 KB at once, the time", "10,000 bare loads at once", "hydrate: runtime",
           "hydrate: bare loads", MEAN, 1.3, False, "≤ 1.3×"),
    Target("the same, and each session is claimed", "10,000 bare loads at once", "hydrate: runtime, claims",
           "hydrate: bare loads", MEAN, 2, False, "≤ 2×"),
    Target("100,000 idle live sessions of 1 KB, the heap", "the bytes of their documents (2× is 1 KB beyond them)",
           "live sessions: atto", "", "heap", 2, False, "≤ 2×"),
)


def median(rows, case, key):
    row = rows.get(case, {})
    if "absent" in row:
        return None
    if key == MEAN and "mean_us" not in row:
        # One writer: what an operation takes is the time between two.
        rate = row.get(RATE)
        return 1e6 / rate["median"] if rate and rate["median"] else None
    return row[key]["median"] if key in row else None


def ratio(rows, target):
    if target.key == "heap":
        row = rows.get(target.ours, {})
        ours, theirs = (row[k]["median"] if k in row else None for k in ("heap_bytes", "payload_bytes"))
    else:
        ours, theirs = median(rows, target.ours, target.key), median(rows, target.theirs, target.key)
    return ours / theirs if ours is not None and theirs else None


def shown(value):
    if value >= 10:
        return f"{value:.0f}×"
    if value >= 0.1:
        return f"{value:.2f}×"
    return f"1/{1 / value:.0f}"


def verdicts(rows):
    """One dictionary a row of the table; those whose cases were not run are left out."""
    for target in TARGETS:
        if target.ours not in rows:
            continue
        measured = ratio(rows, target)
        met = measured is not None and (measured >= target.limit if target.at_least else measured <= target.limit)
        yield {
            "workload": target.workload, "against": target.against, "target": target.wanted,
            "ratio": measured, "figure": "no figure" if measured is None else shown(measured),
            "verdict": "-" if measured is None else "met" if met else "NOT met",
        }

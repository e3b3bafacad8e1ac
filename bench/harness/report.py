"""docs/performance.md and its plots, from one file of results."""

import json

from . import plot
from .cases import LENGTHS
from .targets import verdicts

HEADER = """<!-- Made by script/bench from {file}. Do not edit: run it again. -->
# Performance

Figures of **one** run, {date}, on {cores} cores ({cpu}){note}, the server on the same machine.
`script/bench` makes this page; [bench/peers](../bench/peers/README.md) says what each peer does.
The machine decides the absolute figures: look at the ratios.
"""

HOW = """## How it is measured

- Rounds: {rounds}, in alternation (A B C, A B C, ...), {seconds:g} s each after a warm-up; **medians**, with the lowest and the highest.
- The same PostgreSQL for all, on a disk, with its default durability: {settings}. Each run has tables of its own, and begins after
  a checkpoint.
- A peer runs with the best of the connection numbers that were tried (the column "conn."); atto runs with its defaults. What a peer
  sends is ready made as JSON text, so no peer pays for encoding.
- Afterwards each run's rows are compared with its acknowledged writes (the sum of all versions, or the number of checkpoints);
  a run with a difference has no figure.
- *small*: 1,000 sessions of 1 KB. *conversations*: {conversations}, a message a turn, all sessions interleaved, each begun at another
  point; a finished one makes room for a new one. *long*: sessions that hold N events of text from the conversations, about
  125 bytes each; a whole save writes these and one more. *idle*: one writer. *list*: a page of 100 out of {sessions:,}.
- WAL: `pg_current_wal_lsn()` before and behind a fixed number of turns, after a CHECKPOINT, with `full_page_writes` on; 20 turns
  of each session by 8 writers.
- *waiting*: 10,000 appends of 1 KB are started at once; `mallinfo2` tells how much more of the heap was in use at the most, with
  their documents, until all had ended.
- *runtime*: turns whose handler does nothing, of 10,000 sessions in memory, by 64 callers; a lock is held for a whole turn. *hydrate*: 10,000 turns
  of sessions that are not in memory are started at once, and the time is taken until the last handler begins. *live*: what `mallinfo2` tells
  more when 100,000 sessions of 1 KB are in memory and idle than before.
- The latency of a raw libpq loop is that of its whole group.
"""


def number(value):
    return f"{value:,.0f}" if value is not None else ""


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"


def verdict_table(rows):
    head = ("workload", "against", "target", "figure", "verdict")
    return list(table(head, ([v[h] for h in head] for v in verdicts(rows))))


def figures(rows, workload):
    head = ("", "operations a second", "lowest – highest", "p50 µs", "p99 µs", "conn.")
    lines = []
    for name, row in rows.items():
        if row["workload"] != workload:
            continue
        if "absent" in row:
            lines.append((name, "no figure: " + row["absent"].replace("|", "/").replace("\n", " "), "", "", "", ""))
            continue
        rate = row["ops_per_second"]
        p50, p99 = (number(row[k]["median"]) if k in row else "" for k in ("p50_us", "p99_us"))
        spread = f"{number(rate['min'])} – {number(rate['max'])}"
        lines.append((name, number(rate["median"]), spread, p50, p99, row.get("connections") or ""))
    return list(table(head, lines))


def other_figures(rows, workload, key, what):
    lines = [
        (name, number(row[key]["median"]) if key in row else "no figure: " + row.get("absent", ""))
        for name, row in rows.items()
        if row["workload"] == workload
    ]
    return list(table(("", what), lines))


def triple(row, key):
    return tuple(row[key][k] for k in ("median", "min", "max"))


def along_lengths(rows, pattern, key):
    named = {events: rows.get(pattern.format(events), {}) for events in LENGTHS}
    return {events: triple(row, key) for events, row in named.items() if key in row and "absent" not in row}


def plots(rows):
    """Name of the file: its text."""
    by_length = {
        "atto, append": along_lengths(rows, "long, {} events, append: atto", "ops_per_second"),
        "atto, whole save": along_lengths(rows, "long, {} events, save: atto", "ops_per_second"),
        "pgx, whole save": along_lengths(rows, "long, {} events, save: pgx", "ops_per_second"),
    }
    wal = {
        "atto, append": along_lengths(rows, "WAL, {} events, append: atto", "wal_bytes_a_turn"),
        "pgx, whole save": along_lengths(rows, "WAL, {} events, save: pgx", "wal_bytes_a_turn"),
    }
    length = "events in the session before the turn"
    labelled = {}
    for name, row in rows.items():
        if name in ("conversations, append: atto", "conversations, save: pgx", "conversations, save: asyncpg",
                    "conversations, put: LangGraph", "conversations, append: raw libpq loop"):
            if "p50_us" in row and "absent" not in row:
                label = name.split(": ")[1].replace("raw libpq loop", "raw libpq")
                labelled[label] = [row[k]["median"] for k in ("p50_us", "p90_us", "p99_us")]
    return {
        "throughput.svg": plot.lines("Turns a second against the length of the history (64 writers)", length,
                                     "turns a second", {k: v for k, v in by_length.items() if v}),
        "latency.svg": plot.bars("Latency of a turn, conversations, 64 writers", "microseconds", labelled,
                                 ("p50", "p90", "p99")),
        "wal.svg": plot.lines("WAL bytes a turn against the length of the history", length, "bytes a turn",
                              {k: v for k, v in wal.items() if v}),
    }


def page(results, file, images):
    rows, machine = results["cases"], results["machine"]
    note = ", a short run that shows only that it works" if results["quick"] else ""
    lines = [HEADER.format(file=file, date=results["date"], note=note, **machine)]
    lines += ["## What it must reach", "", *verdict_table(rows), ""]
    for image, title in (("throughput.svg", "Throughput"), ("latency.svg", "Latency"), ("wal.svg", "WAL")):
        if image in images:
            lines += [f"![{title}](performance/{image})", ""]
    lines += ["## All figures", ""]
    for workload in ("small", "idle", "conversations", "long", "load", "list", "sqlite", "runtime"):
        if any(row["workload"] == workload for row in rows.values()):
            lines += [f"### {workload}", "", *figures(rows, workload), ""]
    if any(row["workload"] == "wal" for row in rows.values()):
        lines += ["### WAL", "", *other_figures(rows, "wal", "wal_bytes_a_turn", "WAL bytes a turn"), ""]
    if any(row["workload"] == "waiting" for row in rows.values()):
        lines += ["### waiting", "", *other_figures(rows, "waiting", "heap_bytes", "heap bytes"), ""]
    if any(row["workload"] == "live" for row in rows.values()):
        lines += ["### live", "", *other_figures(rows, "live", "heap_bytes", "heap bytes"), ""]
    settings = ", ".join(f"`{k}` {v}" for k, v in results["server"].items())
    lines.append(HOW.format(settings=settings, **results["plan"]))
    lines += ["## The machine", "", *table(("", ""), machine.items()), ""]
    return "\n".join(lines)


def write(results, file, docs):
    """Renders the page and the plots into `docs`."""
    folder = docs / "performance"
    folder.mkdir(exist_ok=True)
    images = {name: text for name, text in plots(results["cases"]).items() if text}
    for name, text in images.items():
        (folder / name).write_text(text)
    (docs / "performance.md").write_text(page(results, file, images))


def as_text(rows):
    """The table for a terminal."""
    cells = [("workload", "against", "target", "figure", "verdict")]
    cells += [tuple(v[h] for h in cells[0]) for v in verdicts(rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(5)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in cells)


def as_json(results):
    return json.dumps(results, indent=1, ensure_ascii=False) + "\n"

"""The seed's statement on asyncpg's pool, the whole snapshot each turn; one task a writer.

asyncpg prepares and caches the statement by itself. The documents are ready made as JSON text.
"""

import argparse
import asyncio
import json
import sys
import time

import asyncpg


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("dsn", "workload", "mode", "file", "table"):
        parser.add_argument("--" + name, default={"workload": "small", "mode": "save", "table": "peer_sessions"}.get(name))
    for name, default in (("writers", 1), ("connections", 8), ("ops", 0), ("events", 1000), ("sessions", 0)):
        parser.add_argument("--" + name, type=int, default=default)
    for name, default in (("seconds", 3.0), ("warmup", 0.5)):
        parser.add_argument("--" + name, type=float, default=default)
    return parser.parse_args()


def event_of(size):
    text = ("The quick brown fox jumps over the lazy dog. " * 30)[: size - 28]
    return '{"role":"user","content":"%s"}' % text


def state_of(turns):
    return '{"last_role":"user","turns":%d}' % turns


class Session:
    def __init__(self, number, source=None):
        self.id = "atto-bench:peer:%08d" % number
        self.version = 0
        self.source = source
        self.said = 0
        self.history = ""

    def say(self):
        self.history += ("," if self.history else "[") + self.source[self.said]
        self.said += 1


class Turns:
    """The documents of a workload, in the order in which `atto bench` writes them."""

    def __init__(self, o):
        self.o = o
        self.small = "[" + event_of(1024 - 40) + "]"
        conversations = []
        if o.workload == "conversations":
            with open(o.file, encoding="utf-8") as lines:
                conversations = [c.splitlines() for c in lines.read().split("\n\n") if c.strip()]
        count = o.sessions or (max(160, o.writers) if conversations else 1000)
        self.made = count
        self.sessions = [Session(i, conversations[i % len(conversations)] if conversations else None) for i in range(count)]
        self.place = list(range(o.writers))

    def prepare(self, i):
        s = self.sessions[i]
        if s.source:
            for _ in range(i * 7919 % len(s.source)):
                s.say()
            if not s.said:
                return None
        s.version = 1
        return s.id, 1, state_of(1), s.history + "]" if s.source else self.small

    def next(self, writer):
        i = self.place[writer]
        self.place[writer] = i + self.o.writers if i + self.o.writers < len(self.sessions) else writer
        s = self.sessions[i]
        if s.source:
            if s.said == len(s.source):
                s = self.sessions[i] = Session(self.made, s.source)
                self.made += 1
            s.say()
        s.version += 1
        return s.id, s.version, state_of(s.version), s.history + "]" if s.source else self.small


def percentile(ordered, percent):
    return ordered[max(1, (len(ordered) * percent + 99) // 100) - 1] if ordered else 0


async def main(o):
    server = dict(pair.split("=", 1) for pair in o.dsn.split())
    server["database"] = server.pop("dbname")
    pool = await asyncpg.create_pool(**server, min_size=o.connections, max_size=o.connections)
    await pool.execute(
        f"CREATE TABLE IF NOT EXISTS {o.table} (session_id text PRIMARY KEY, version bigint NOT NULL,"
        " state jsonb NOT NULL, history jsonb NOT NULL, updated_at timestamptz NOT NULL DEFAULT now())"
    )
    sql = (
        f"INSERT INTO {o.table} AS t (session_id, version, state, history) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (session_id) DO UPDATE SET version = EXCLUDED.version, state = EXCLUDED.state,"
        " history = EXCLUDED.history, updated_at = now() WHERE t.version < EXCLUDED.version"
    )

    async def save(row):
        if await pool.execute(sql, *row) != "INSERT 0 1":
            raise RuntimeError("concurrent write")

    turns = Turns(o)
    acknowledged = 0
    for i in range(len(turns.sessions)):
        row = turns.prepare(i)
        if row:
            await save(row)
            acknowledged += 1

    micros = []
    payload = 0
    begin = time.perf_counter() + o.warmup
    until = begin + o.seconds

    async def loop(writer):
        nonlocal acknowledged, payload
        started = time.perf_counter()
        while started < until:
            row = turns.next(writer)
            await save(row)
            ended = time.perf_counter()
            acknowledged += 1
            if begin <= ended <= until:
                micros.append(int((ended - started) * 1e6))
                payload += len(row[2]) + len(row[3])
            started = ended

    await asyncio.gather(*(loop(w) for w in range(o.writers)))
    await pool.close()
    micros.sort()
    result = {"program": "asyncpg", "workload": o.workload, "mode": "save", "writers": o.writers}
    result |= {"connections": o.connections, "events": o.events, "ops": len(micros), "seconds": o.seconds}
    result |= {"ops_per_second": round(len(micros) / o.seconds, 1)}
    result |= {f"p{p}_us": percentile(micros, p) for p in (50, 90, 99)}
    result |= {"max_us": percentile(micros, 100), "payload_bytes": payload, "acknowledged": acknowledged}
    print(json.dumps(result, separators=(",", ":")))


if __name__ == "__main__":
    try:
        asyncio.run(main(arguments()))
    except (OSError, RuntimeError, asyncpg.PostgresError) as e:
        sys.exit(f"asyncpg: {e}")

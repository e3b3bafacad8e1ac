"""How each program is run, and its answer: one line of JSON."""

import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"

COMMANDS = {
    "pgx": [BUILD / "pgx/pgx"],
    "libpq_blocking": [BUILD / "peers/libpq_blocking"],
    "libpq_pipeline": [BUILD / "peers/libpq_pipeline"],
    "sqlite_per_save": [BUILD / "peers/sqlite_per_save"],
    "asyncpg": ["/usr/bin/python3", ROOT / "bench/peers/asyncpg/peer.py"],
    "langgraph": ["node", BUILD / "langgraph/peer.mjs"],
    "pgbench": ["pgbench"],
    "atto": [BUILD / "release/cli/atto"],
}
# Longer than any run takes; a program that hangs must not hang the harness.
TIME_LIMIT = 180


class Failure(Exception):
    """A run that gave no result, with the program's own words."""


def missing(program):
    """Why a peer cannot run here; None when it can."""
    needed = {"langgraph": BUILD / "langgraph/node_modules"}.get(program) or COMMANDS[program][-1]
    if program == "asyncpg":
        there = subprocess.run(["/usr/bin/python3", "-c", "import asyncpg"], capture_output=True, check=False)
        return None if there.returncode == 0 else "python3-asyncpg is not installed"
    if program == "pgbench" or pathlib.Path(needed).exists():
        return None
    return f"{program} could not be built or installed"


def words(options):
    for name, value in options.items():
        if value is True:
            yield "--" + name
        elif value is not None and value is not False:
            yield "--" + name
            yield str(value)


def command(program, options):
    options = dict(options)
    start = [str(word) for word in COMMANDS[program]]
    if program == "atto":
        store, workload = options.pop("store"), options.pop("workload")
        return [*start, "--store", store, "bench", workload, "--json", *words(options)]
    return [*start, *words(options)]


def run(program, options, limit=TIME_LIMIT):
    try:
        done = subprocess.run(
            command(program, options), capture_output=True, text=True, timeout=limit, check=False, cwd=BUILD
        )
    except subprocess.TimeoutExpired as e:
        raise Failure(f"{program}: no end within {limit} s") from e
    if done.returncode != 0:
        raise Failure(f"{program}: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def run_held(program, options, before_measured):
    """The same, and calls `before_measured` when the program has prepared its tables."""
    with subprocess.Popen(
        command(program, {**options, "hold": True}),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=BUILD,
    ) as process:
        if process.stdout.readline().strip() != "ready":
            raise Failure(f"{program}: {process.stderr.read().strip()[-300:]}")
        before_measured()
        out, err = process.communicate("\n", timeout=TIME_LIMIT)
    if process.returncode != 0:
        raise Failure(f"{program}: {err.strip()[-300:]}")
    return json.loads(out.strip().splitlines()[-1])


def run_pgbench(dsn, script, clients, seconds, variables):
    """pgbench with a script of ours. It logs no percentiles; its mean latency is what is taken."""
    text = (ROOT / "bench/peers/pgbench" / script).read_text()
    for name, value in variables.items():
        text = text.replace(":" + name, value)
    path = BUILD / "pgbench.sql"
    path.write_text(text)
    done = subprocess.run(
        ["pgbench", "-n", "-M", "prepared", "-f", path, "-c", str(clients), "-j", str(min(clients, 2)), "-T",
         str(max(1, round(seconds))), dsn],
        capture_output=True, text=True, timeout=TIME_LIMIT, check=False,
    )
    if done.returncode != 0:
        raise Failure(f"pgbench: {done.stderr.strip()[-300:]}")
    ops = int(re.search(r"transactions actually processed: (\d+)", done.stdout).group(1))
    rate = float(re.search(r"tps = ([\d.]+) \(without", done.stdout).group(1))
    mean = float(re.search(r"latency average = ([\d.]+) ms", done.stdout).group(1))
    return {
        "program": "pgbench", "writers": clients, "connections": clients, "ops": ops, "seconds": seconds,
        "ops_per_second": rate, "mean_us": round(mean * 1000), "acknowledged": ops,
    }

"""What a figure was measured on."""

import json
import os
import pathlib
import platform
import re
import subprocess
import time


def output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "not installed"


def langgraph_version():
    """Of the packages that bench/peers/langgraph names."""
    named = pathlib.Path(__file__).resolve().parents[1] / "peers/langgraph/package.json"
    return json.loads(named.read_text())["dependencies"]["@langchain/langgraph-checkpoint-postgres"]


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        found = re.search(r"model name\s*:\s*(.*)", lines.read())
    return found.group(1) if found else platform.machine()


def memory_gib():
    with open("/proc/meminfo", encoding="utf-8") as lines:
        return round(int(lines.readline().split()[1]) / 2**20, 1)


def fsync_micros(folder, times=200):
    """The median time of writing 8 KiB and fdatasync, as a commit does it."""
    path = folder / "fsync"
    taken = []
    block = os.urandom(8192)
    file = os.open(path, os.O_CREAT | os.O_RDWR)
    try:
        os.write(file, block * times)
        os.fsync(file)
        for i in range(times):
            os.lseek(file, i * 8192, os.SEEK_SET)
            started = time.perf_counter()
            os.write(file, block)
            os.fdatasync(file)
            taken.append(time.perf_counter() - started)
    finally:
        os.close(file)
        path.unlink()
    return round(sorted(taken)[times // 2] * 1e6)


def describe(folder):
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "memory_gib": memory_gib(),
        "kernel": platform.release(),
        "file_system": output("stat", "-f", "-c", "%T", str(folder)),
        "fdatasync_us": fsync_micros(folder),
        "load_before": os.getloadavg()[0],
        "compiler": output("g++", "-dumpfullversion"),
        "go": output("go", "version"),
        "node": output("node", "--version"),
        "python": platform.python_version(),
        "asyncpg": output("/usr/bin/python3", "-c", "import asyncpg; print(asyncpg.__version__)"),
        "langgraph_checkpoint_postgres": langgraph_version(),
        "pgx": output("dpkg-query", "-W", "-f", "${Version}", "golang-github-jackc-pgx-v4-dev"),
        "sqlite": output("sqlite3", "--version").split(" ")[0],
        "commit": output("git", "rev-parse", "--short", "HEAD"),
    }

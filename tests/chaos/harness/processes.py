"""Programs that this run has started, and only these: they are signalled by their own pid, and end with it."""

import os
import pathlib
import signal
import socket
import subprocess
import time

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")


class Trouble(Exception):
    """What ends a run that cannot go on."""


def until(condition, limit, what):
    """Polls until the condition holds, and returns what it returned."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Trouble(f"not within {limit} s: {what}")
        time.sleep(0.02)


def free_port():
    """Of 127.0.0.1, below those that the kernel hands out, so that no client takes it in between."""
    for port in range(20000 + int.from_bytes(os.urandom(2)) % 11000, 32000):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Trouble("no free port")


def program(name):
    """Its path, or None when it is not installed."""
    for folder in (BIN, *map(pathlib.Path, os.get_exec_path()), pathlib.Path("/usr/sbin")):
        if os.access(folder / name, os.X_OK):
            return str(folder / name)
    return None


def family(pid):
    """The process and all that descend from it."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit():
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def describe(pid):
    """One line."""
    entry = pathlib.Path("/proc") / str(pid)
    try:
        words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return f"{pid} {(entry / 'stat').read_text().rpartition(')')[2].split()[0]} {words.strip()[:120]}"
    except (FileNotFoundError, ProcessLookupError):
        return f"{pid} is gone"


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


class Process:
    """As an unprivileged user when root runs this, unless it is told who. --pdeathsig: it ends with us even if we are
    killed, or rather with the thread that started it."""

    def __init__(self, argv, log, cwd=None, end=signal.SIGKILL, user=None):
        self.end = end
        name = signal.Signals(end).name.removeprefix("SIG")
        with open(log, "ab") as out:
            user = unprivileged() if user is None else user
            self.running = subprocess.Popen(["setpriv", *user, "--pdeathsig", name, *map(str, argv)], cwd=cwd,
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)

    @property
    def pid(self):
        return self.running.pid

    def alive(self):
        return self.running.poll() is None

    def signal(self, number):
        if self.alive():
            send(self.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.running.wait()

    def stop(self, limit=20):
        """As it is told to end when the run is over; then the hard way."""
        for pid in family(self.pid):  # whatever a fault has stopped
            send(pid, signal.SIGCONT)
        self.signal(self.end)
        try:
            self.running.wait(limit)
        except subprocess.TimeoutExpired:
            self.kill()


def unprivileged():
    return ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []


def run(argv, cwd=None):
    """As the servers' user; its output. Raises Trouble with its words when it fails."""
    done = subprocess.run(["setpriv", *unprivileged(), *map(str, argv)], cwd=cwd, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"{argv[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def folder(parent, name):
    """A new one, of the servers' user."""
    made = pathlib.Path(parent) / name
    run(["mkdir", "-m", "700", made])
    return made

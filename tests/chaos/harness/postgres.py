"""One PostgreSQL with a data directory of its own."""

import signal
import subprocess

from .processes import BIN, Process, Trouble, describe, family, folder, free_port, run, until

APPLICATION = "atto_chaos"


def dsn(port, host="127.0.0.1", database="atto"):
    return f"host={host} port={port} user=atto dbname={database} sslmode=disable"


def query(port, sql, database="atto", limit=10):
    """The rows' text; Trouble when the server does not do it."""
    argv = [BIN / "psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d",
            dsn(port, database=database) + " application_name=harness", "-c", sql]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=limit, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise Trouble(f"no answer within {limit} s to: {sql}") from None
    if done.returncode:
        raise Trouble(done.stderr.strip())
    return done.stdout.strip()


def ready(port):
    return subprocess.run([BIN / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "atto", "-d",
                           "postgres"]).returncode == 0


class Postgres:
    def __init__(self, parent, settings=(), data=None):
        self.home = folder(parent, "postgres")
        self.data = data or self.home / "data"
        self.port = free_port()
        # authentication_timeout: when a backend has crashed, the server waits for those who connect in that moment and
        # do not log in, before it begins anew; a link that stands still may hold one of them.
        self.settings = ["max_connections=60", "recovery_init_sync_method=syncfs", "authentication_timeout=5", *settings]
        run([BIN / "initdb", "--pgdata", self.data, "--username=atto", "--encoding=UTF8", "--locale=C", "--auth=trust",
             "--wal-segsize=4", "--no-sync"], cwd=self.home)
        self.process = None
        self.start()
        run([BIN / "createdb", "--host=127.0.0.1", f"--port={self.port}", "--username=atto", "atto"])

    @property
    def dsn(self):
        return f"{dsn(self.port)} application_name={APPLICATION}"

    def start(self):
        options = [word for s in self.settings for word in ("-c", s)]
        # The last postmaster's children may still be there: then this one says so and ends, and is started again.
        try:
            until(self._try_start(options), 60, "the start of PostgreSQL")
        except Trouble as e:
            raise Trouble(f"{e}\n{self.describe()}") from None

    def describe(self):
        """Its processes and the end of its log: for whoever has to find out why it does not start."""
        processes = [describe(pid) for pid in family(self.process.pid)]
        return "\n".join(processes + (self.home / "log").read_text(errors="replace").splitlines()[-20:])

    def _try_start(self, options):
        def attempt():
            if self.process is None or not self.process.alive():
                self.process = Process([BIN / "postgres", "-D", self.data, "-p", self.port, "-k", self.home, "-c",
                                        "listen_addresses=127.0.0.1", *options], self.home / "log", self.home,
                                       signal.SIGINT)
            self.process.signal(signal.SIGCONT)  # another fault may have stopped it
            return self.ready()
        return attempt

    def ready(self):
        return ready(self.port)

    def query(self, sql):
        return query(self.port, sql)

    def try_query(self, sql):
        """As query; "" when another fault has taken the server away."""
        try:
            return query(self.port, sql, limit=2)
        except Trouble:
            return ""

    def backends(self):
        """Those that serve atto."""
        rows = self.try_query(f"SELECT pid FROM pg_stat_activity WHERE application_name = '{APPLICATION}'")
        return [int(pid) for pid in rows.split()]

    def stop(self, number=signal.SIGINT):
        """SIGTERM: smart, SIGINT: fast, SIGQUIT: immediate; the last, too, when a backend that stands still holds it up."""
        self.process.signal(number)
        self.process.signal(signal.SIGCONT)
        try:
            self.process.running.wait(5)
        except subprocess.TimeoutExpired:
            self.process.signal(signal.SIGQUIT)
            self.process.running.wait()

    def close(self):
        if self.process is not None:
            self.process.stop()

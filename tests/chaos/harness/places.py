"""Where rounds take place: servers that run, and a driver that writes to them."""

import contextlib
import signal
import subprocess
import tempfile
import time

from . import processes
from .balancer import Balancer
from .driver import Driver
from .patroni import Cluster
from .pooler import Pooler
from .postgres import Postgres
from .processes import Trouble


class Place:
    """What all have in common. `needs`: programs without which there is no such place."""

    needs = ("postgres",)
    deadline_ms = 5000
    #: seconds until a write is acknowledged again, else the run fails
    patience = 60

    def __init__(self, setting):
        self.setting = setting
        self.home = processes.folder(setting.home, self.name)
        self.driver = None
        self.opened = contextlib.ExitStack()

    @classmethod
    def missing(cls):
        """Programs that are not installed."""
        return [name for name in cls.needs if processes.program(name) is None]

    @classmethod
    def forbidden(cls):
        """What this machine does not let us do, whatever is installed; empty when nothing is in the way."""
        return ""

    def keep(self, thing):
        """Closed with the place, the last first."""
        self.opened.callback(thing.close)
        return thing

    def drive(self, stores, proxy=False):
        log = self.opened.enter_context(open(self.setting.home / f"{self.name}.driver.log", "w"))
        driver = Driver(self.setting.driver, stores, self.setting.seed, proxy, self.deadline_ms, log=log)
        self.driver = self.keep(driver)

    @staticmethod
    def hold(random, least, most):
        """How long a fault lasts that only time can end."""
        time.sleep(random.uniform(least, most))

    def stand_still(self, pids, random, least, most):
        """SIGSTOP of them, for a fault to yield from: it strikes, is yielded, holds, and continues them."""
        for pid in pids:
            processes.send(pid, signal.SIGSTOP)
        yield
        self.hold(random, least, most)
        for pid in pids:
            processes.send(pid, signal.SIGCONT)

    def make_ready(self):
        """Before each round: everything runs."""

    def close(self):
        self.opened.close()


class Single(Place):
    """One server; one store by way of the proxy, one without."""

    name = "single"

    def __init__(self, setting):
        super().__init__(setting)
        self.server = self.keep(self.make_server())
        self.open_stores()

    def make_server(self):
        return Postgres(self.home)

    def open_stores(self):
        self.drive([self.server.dsn, self.server.dsn], proxy=True)

    def make_ready(self):
        self.server.start()


class Pooled(Single):
    """One store by way of PgBouncer, one without."""

    name = "pooled"
    needs = ("postgres", "pgbouncer")

    def open_stores(self):
        self.pooler = self.keep(Pooler(self.home, self.server))
        self.drive([self.pooler.dsn, self.server.dsn])

    def make_ready(self):
        super().make_ready()
        if not self.pooler.process.alive():
            self.pooler.start()


class SmallDisk(Single):
    """A server whose data lie on a disk of 100 MB, in memory."""

    name = "small-disk"

    @classmethod
    def forbidden(cls):
        """Root in a container often may not mount either, so that only trying tells."""
        with tempfile.TemporaryDirectory() as folder:
            why = cls.mount(folder)
            if not why:
                cls.unmount(folder)
        return why

    @staticmethod
    def mount(folder):
        """Why it could not be done, or nothing."""
        if processes.program("mount") is None:
            return "there is no mount"
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100m,mode=777", "tmpfs", folder], capture_output=True)
        return "no tmpfs can be mounted here" if done.returncode else ""

    @staticmethod
    def unmount(folder):
        subprocess.run(["umount", "--lazy", folder])

    def make_server(self):
        self.disk = processes.folder(self.home, "disk")
        if why := self.mount(self.disk):
            raise Trouble(why)
        self.opened.callback(self.unmount, self.disk)
        return Postgres(self.home, ["max_wal_size=32MB"], self.disk / "data")


class Clustered(Place):
    """Two nodes under Patroni, which commit synchronously; one store knows both, one goes by way of HAProxy."""

    name = "cluster"
    needs = ("postgres", "patroni", "etcd", "haproxy")
    patience = 90

    def __init__(self, setting):
        super().__init__(setting)
        self.cluster = self.keep(Cluster(self.home))
        self.balancer = self.keep(Balancer(self.home, self.cluster.nodes))
        self.drive([self.balancer.dsn, self.cluster.dsn])

    def make_ready(self):
        self.cluster.wait_until_whole()
        self.cluster.set_synchronous(True)


class SqliteFile(Place):
    """Two stores on one SQLite file."""

    name = "sqlite"
    needs = ()

    def __init__(self, setting):
        super().__init__(setting)
        self.drive([f"sqlite:{setting.home}/{self.name}.db"] * 2)


class Memory(Place):
    """One store in the driver's memory, and two ways to it."""

    name = "memory"
    needs = ()

    def __init__(self, setting):
        super().__init__(setting)
        self.drive(["memory:"] * 2)


PLACES = {place.name: place for place in (Single, Pooled, SmallDisk, Clustered, SqliteFile, Memory)}

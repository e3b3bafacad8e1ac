"""Where rounds take place: servers that run, and a driver that writes to them. A place is made when it is first needed."""

import contextlib
import time

from . import processes
from .driver import Driver
from .postgres import Postgres


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
        return [name for name in cls.needs if processes.program(name) is None]

    def keep(self, thing):
        """Closed with the place, the last first."""
        self.opened.callback(thing.close)
        return thing

    def drive(self, stores, proxy=False):
        log = self.opened.enter_context(open(self.setting.home / f"{self.name}.driver.log", "w"))
        self.driver = self.keep(Driver(self.setting.driver, stores, self.setting.seed, proxy, self.deadline_ms, log=log))

    @staticmethod
    def hold(random, least, most):
        """How long a fault lasts that only time can end."""
        time.sleep(random.uniform(least, most))

    def make_ready(self):
        """Before each round: everything runs."""

    def close(self):
        self.opened.close()


class Single(Place):
    """One server; one store by way of the proxy, one without."""

    name = "single"

    def __init__(self, setting):
        super().__init__(setting)
        self.server = self.keep(Postgres(self.home))
        self.drive([self.server.dsn, self.server.dsn], proxy=True)

    def make_ready(self):
        self.server.start()


PLACES = {place.name: place for place in (Single,)}

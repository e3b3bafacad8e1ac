"""A node of the cluster: a process, a socket, and a name that tells one start of it from the next."""

import json
import signal
import socket

from harness.processes import Process, Trouble, until


class Node:
    def __init__(self, setting, store, home, name):
        self.setting, self.store, self.home, self.place = setting, store, home, name
        self.address = str(home / f"{name}.socket")
        self.starts = 0
        self.past = {}  # the numbers of earlier starts that could still be asked
        self.start()

    @property
    def name(self):
        return f"{self.place}.{self.starts}"

    def start(self):
        """With the address it had before, and as another owner."""
        (self.home / f"{self.place}.socket").unlink(missing_ok=True)
        self.starts += 1
        # As whoever runs the drill, to whom the program belongs; not as the servers' user.
        self.process = Process([self.setting.node, self.store, self.address, self.name, self.setting.ttl_ms,
                                self.setting.think_ms], self.home / f"{self.place}.log", user=[])
        until(self._answers, 60, f"the start of {self.name}")

    def _answers(self):
        if not self.process.alive():
            raise Trouble(f"{self.name} ended by itself: {(self.home / f'{self.place}.log').read_text().strip()}")
        try:
            return self.numbers()
        except OSError:
            return None

    def numbers(self, limit=20):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(limit)
            s.connect(self.address)
            s.sendall(b"stats\n")
            return json.loads(s.makefile().readline())

    def keep_numbers(self):
        for key, value in self.numbers().items():
            self.past[key] = self.past.get(key, 0) + value

    def total(self, key):
        """Of all its starts but those that were killed."""
        return self.past.get(key, 0) + self.numbers()[key]

    def kill(self):
        self.process.kill()

    def freeze(self):
        self.process.signal(signal.SIGSTOP)

    def thaw(self):
        self.process.signal(signal.SIGCONT)

    def stop(self, limit=30):
        """Politely; its exit status."""
        self.keep_numbers()
        self.process.signal(signal.SIGTERM)
        until(lambda: not self.process.alive(), limit, f"the polite end of {self.name}")
        return self.process.running.returncode

    def close(self):
        self.process.stop()

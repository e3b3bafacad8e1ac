"""What happens to a client, and what another client does to the server."""

import contextlib
import signal
import socket
import struct
import subprocess

from ..processes import BIN, send
from ..postgres import dsn
from .registry import fault


@fault("client-kill", weight=12)
def client_killed(place, random):
    """SIGKILL of a client in the middle of its writes, while others race with it"""
    place.driver.tell("child")
    place.driver.tell("wait", random.randint(1, 40))
    place.driver.tell("kill")
    yield


@fault("lock")
def locked(place, random):
    """another client locks every session there is, and goes away later"""
    client = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", BIN / "psql", "-qAtX",
                               dsn(place.server.port) + " connect_timeout=2"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    with contextlib.suppress(BrokenPipeError):  # another fault has taken the server away
        client.stdin.write("BEGIN; SET LOCAL lock_timeout = '3s'; LOCK atto_sessions IN SHARE MODE; SELECT 1;\n")
        client.stdin.flush()
    client.stdout.readline()
    yield
    place.hold(random, 0.2, 6)
    client.kill()
    client.wait()


def session_of(port):
    """A connection that does nothing but be there; None when the server has no more room."""
    s = socket.create_connection(("127.0.0.1", port), timeout=5)
    words = b"user\0atto\0database\0atto\0\0"
    s.sendall(struct.pack("!ii", len(words) + 8, 196608) + words)
    if s.recv(1) == b"R":
        return s
    s.close()
    return None


@fault("connections-used-up")
def used_up(place, random):
    """another client takes every connection, those of atto that are killed as well"""
    doomed = place.server.backends()
    with contextlib.ExitStack() as taken:
        def take_all():
            with contextlib.suppress(OSError):
                while one := session_of(place.server.port):
                    taken.enter_context(one)
        take_all()
        for pid in doomed:
            send(pid, signal.SIGTERM)
        take_all()
        yield
        place.hold(random, 0.2, 3)

"""What happens to a whole server."""

import signal

from ..processes import send
from .registry import fault


@fault("server-kill", weight=12, crash=True)
def kill(place, random):
    """SIGKILL of the postmaster, and a start"""
    place.server.process.kill()
    yield
    place.server.start()


@fault("server-immediate", weight=12, crash=True)
def immediate(place, random):
    """an immediate stop (SIGQUIT), and a start"""
    place.server.stop(signal.SIGQUIT)
    yield
    place.server.start()


@fault("server-restart", crash=True)
def restart(place, random):
    """a polite stop (SIGINT), and a start"""
    place.server.stop(signal.SIGINT)
    yield
    place.server.start()


@fault("server-stop")
def stop(place, random):
    """SIGSTOP of the postmaster, so that nobody can connect, and of one backend; SIGCONT later"""
    stopped = [place.server.process.pid, *place.server.backends()[:1]]
    yield from place.stand_still(stopped, random, 0.5, 7)


@fault("control-server", crash=True, pairs=False, control=True)
def forgetful(place, random):
    """SIGKILL of a server that acknowledges before it writes to its disk: writes are LOST, and must be seen to be"""
    place.server.query("ALTER SYSTEM SET synchronous_commit = off")
    place.server.query("SELECT pg_reload_conf()")
    writer = int(place.server.query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'"))
    send(writer, signal.SIGSTOP)
    place.driver.tell("wait", 300)
    place.server.process.kill()
    send(writer, signal.SIGKILL)
    yield
    place.server.start()
    place.server.query("ALTER SYSTEM RESET ALL")
    place.server.query("SELECT pg_reload_conf()")

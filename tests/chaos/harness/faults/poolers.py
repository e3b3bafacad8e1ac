"""What happens to a PgBouncer between the first store and its server."""

from .registry import fault


@fault("pooler-kill", place="pooled")
def pooler_killed(place, random):
    """SIGKILL of PgBouncer, and a start"""
    place.pooler.process.kill()
    yield
    place.pooler.start()


@fault("pooler-pause", place="pooled")
def pooler_paused(place, random):
    """PAUSE, and RESUME later"""
    place.pooler.command("PAUSE")
    yield
    place.hold(random, 0.2, 7)
    place.pooler.command("RESUME")


@fault("pooler-reconnect", place="pooled")
def pooler_reconnects(place, random):
    """RECONNECT: every transaction meets a server process that knows nothing of the last"""
    place.pooler.command("RECONNECT")
    yield


@fault("pooled-server-kill", place="pooled", crash=True)
def server_killed(place, random):
    """SIGKILL of the server behind PgBouncer, and a start"""
    place.server.process.kill()
    yield
    place.server.start()

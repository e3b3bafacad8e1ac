"""What happens to the bytes between the first store and its server: the driver's own proxy does it."""

from .registry import fault


def passing(what, least, most):
    """A proxy's harm for so many seconds, then it passes everything on again."""
    def strike(place, random):
        place.driver.tell("proxy", what)
        yield
        place.hold(random, least, most)
        place.driver.tell("proxy", "heal")
    return strike


def register(name, what, summary, least=0.0, most=0.0):
    strike = passing(what, least, most)
    strike.__doc__ = summary
    fault(name)(strike)


register("link-reset", "reset", "all connections reset (RST)")
register("link-refuse", "refuse", "all connections reset, and no new ones", 0.2, 3)
register("link-blackhole", "blackhole", "no connection hears anything again; new ones are not answered", 0.5, 7)
register("link-hold", "hold", "replies are held back, then they all come", 0.2, 7)
register("link-stop", "stop", "requests are not read, then they are", 0.2, 7)
register("link-drip", "drip", "replies come one byte every 2 ms", 0.5, 4)


@fault("link-hold-kill", crash=True)
def hold_and_kill(place, random):
    """replies are held back, so that commits are not heard of, and the server is killed"""
    place.driver.tell("proxy", "hold")
    place.hold(random, 0.05, 0.3)
    place.server.process.kill()
    yield
    place.driver.tell("proxy", "reset")
    place.driver.tell("proxy", "heal")
    place.server.start()

"""What happens when there is no room left."""

import os

from .registry import fault


@fault("disk-full", place="small-disk", crash=True, pairs=False)
def disk_full(place, random):
    """the server's disk, data and log of writes, is full; later there is room again"""
    filler = place.disk / "filler"
    with open(filler, "wb", buffering=0) as out:
        try:
            while out.write(bytes(1 << 16)):
                pass
        except OSError:
            pass
    yield
    place.hold(random, 0.5, 4)
    os.unlink(filler)
    place.server.start()  # it may have ended with a panic

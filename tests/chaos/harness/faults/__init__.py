"""What can happen. Each file holds faults of one kind; importing them is what puts them on the list."""

from . import backends, clients, clusters, disks, links, poolers, races, servers  # noqa: F401
from .registry import ALL  # noqa: F401

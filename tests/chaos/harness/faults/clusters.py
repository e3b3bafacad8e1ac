"""What happens to a cluster of two nodes, and to who decides which of them leads."""

import signal

from ..processes import send, until
from .registry import fault


@fault("failover", place="cluster", crash=True, weight=2, pairs=False)
def failover(place, random):
    """SIGKILL of the leader, Patroni and all; the synchronous standby takes over"""
    place.cluster.leader().kill()
    yield


@fault("failover-return", place="cluster", crash=True, pairs=False)
def failover_and_return(place, random):
    """the same, and the old leader comes back while the new one is written to"""
    old = place.cluster.leader()
    old.kill()
    yield
    until(place.cluster.leader, 60, "another leader")
    old.start()


@fault("switchover", place="cluster", crash=True, pairs=False)
def switchover(place, random):
    """a planned change of the leader"""
    place.cluster.switch_over()
    yield


@fault("etcd-stop", place="cluster", pairs=False)
def etcd_stopped(place, random):
    """SIGSTOP of etcd until the leader gives up, then SIGCONT"""
    cluster = place.cluster
    cluster.etcd.process.signal(signal.SIGSTOP)
    yield
    until(lambda: cluster.leader() is None, 90, "the leader gives up without etcd")
    cluster.etcd.process.signal(signal.SIGCONT)


@fault("control-failover", place="cluster", crash=True, pairs=False, control=True)
def asynchronous_failover(place, random):
    """an asynchronous failover to a standby that has stopped receiving: writes are LOST, and must be seen to be"""
    cluster = place.cluster
    cluster.set_synchronous(False)
    leader = cluster.leader()
    receiver = cluster.other(leader).walreceiver()
    send(receiver, signal.SIGSTOP)
    try:
        place.driver.tell("wait", 300)  # acknowledged, and nowhere but here
        leader.kill()
        yield
    finally:
        send(receiver, signal.SIGKILL)  # with SIGCONT it would still find them in its socket

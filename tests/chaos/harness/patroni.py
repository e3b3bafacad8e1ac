"""Two PostgreSQL nodes that Patroni runs, and the etcd they agree in."""

import json
import os
import signal
import urllib.error
import urllib.request

from . import postgres
from .processes import BIN, Process, Trouble, family, folder, free_port, program, send, until

TTL = 20  # Patroni takes no less


class Etcd:
    def __init__(self, parent):
        self.home = folder(parent, "etcd")
        self.url = f"http://127.0.0.1:{free_port()}"
        self.peer = f"http://127.0.0.1:{free_port()}"
        self.start()
        until(self.ready, 30, "the start of etcd")

    def start(self):
        self.process = Process(["env", "ETCD_UNSUPPORTED_ARCH=" + os.uname().machine, program("etcd"),
                                "--name", "one", "--data-dir", self.home / "data", "--log-level", "warn",
                                "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
                                "--listen-peer-urls", self.peer, "--initial-advertise-peer-urls", self.peer,
                                "--initial-cluster", f"one={self.peer}", "--unsafe-no-fsync"], self.home / "log")

    def ready(self):
        return ask(self.url + "/health")[0] == 200

    def close(self):
        self.process.stop()


def ask(url, method="GET", body=None, limit=5):
    """Status and text of an answer; status 0 when there is none."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, method=method), timeout=limit) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()
    except OSError:
        return 0, ""


class Node:
    """One Patroni with its server."""

    def __init__(self, parent, name, etcd):
        self.name = name
        self.home = folder(parent, name)
        self.port, self.rest = free_port(), free_port()
        self.data = self.home / "data"
        self.settings = self.home / "patroni.yml"
        self.settings.write_text(json.dumps(self._settings(etcd)))  # JSON is YAML
        self.settings.chmod(0o644)
        self.process = None

    def _settings(self, etcd):
        address = f"127.0.0.1:{self.port}"
        user = {"username": "atto", "password": "atto"}
        return {
            "scope": "chaos", "name": self.name, "etcd3": {"hosts": [etcd.url.removeprefix("http://")]},
            "restapi": {"listen": f"127.0.0.1:{self.rest}", "connect_address": f"127.0.0.1:{self.rest}"},
            "bootstrap": {"dcs": {"ttl": TTL, "loop_wait": 1, "retry_timeout": 3,
                                  "maximum_lag_on_failover": 1 << 30, "synchronous_mode": True,
                                  "postgresql": {"use_pg_rewind": True, "parameters": {
                                      "max_connections": 60, "recovery_init_sync_method": "syncfs"}}},
                          "initdb": [{"encoding": "UTF8"}, {"locale": "C"}]},
            "postgresql": {"listen": address, "connect_address": address, "data_dir": str(self.data),
                           "bin_dir": str(BIN), "pgpass": str(self.home / "pgpass"),
                           "parameters": {"unix_socket_directories": str(self.home)},
                           "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust",
                                      "host replication all 127.0.0.1/32 trust"],
                           "remove_data_directory_on_rewind_failure": True,
                           "remove_data_directory_on_diverged_timelines": True,
                           "authentication": {"superuser": user, "replication": user | {"username": "replicator"},
                                              "rewind": user | {"username": "rewinder"}}}}

    def start(self):
        """--pdeathsig goes to Patroni, which then stops its server."""
        self.process = Process(["/usr/bin/python3", program("patroni"), self.settings], self.home / "log", self.home,
                               signal.SIGTERM)

    def alive(self):
        return self.process is not None and self.process.alive()

    def leads(self):
        return self.alive() and ask(f"http://127.0.0.1:{self.rest}/primary")[0] == 200

    def postmaster(self):
        """Its pid, or None."""
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def walreceiver(self):
        return int(postgres.query(self.port, "SELECT pid FROM pg_stat_wal_receiver", "postgres") or 0)

    def kill(self):
        """Patroni, its server and every process of that, so that nothing more is sent to the standby."""
        server = self.postmaster()
        doomed = family(self.process.pid) + (family(server) if server else [])
        for pid in doomed:
            send(pid, signal.SIGSTOP)
        for pid in doomed:
            send(pid, signal.SIGKILL)
        self.process.running.wait()

    def close(self):
        if self.alive():
            self.process.stop(30)
        if (server := self.postmaster()) and os.path.exists(f"/proc/{server}"):
            send(server, signal.SIGQUIT)


class Cluster:
    def __init__(self, parent):
        self.etcd = Etcd(parent)
        self.nodes = [Node(parent, name, self.etcd) for name in ("north", "south")]  # FIRST would be a keyword
        self.nodes[0].start()
        until(self.nodes[0].leads, 60, "one node leads")
        self.nodes[1].start()
        self.synchronous = True
        self.wait_until_whole()
        postgres.query(self.leader().port, "CREATE DATABASE atto", "postgres")

    @property
    def dsn(self):
        hosts = ",".join("127.0.0.1" for _ in self.nodes)
        ports = ",".join(str(n.port) for n in self.nodes)
        return (f"host={hosts} port={ports} user=atto dbname=atto sslmode=disable target_session_attrs=read-write "
                f"application_name={postgres.APPLICATION}")

    def leader(self):
        return next((n for n in self.nodes if n.leads()), None)

    def other(self, node):
        return next(n for n in self.nodes if n is not node)

    def start_missing(self):
        for node in self.nodes:
            if not node.alive():
                node.start()

    def wait_until_whole(self):
        """One leads, and the other one follows, as the mode wants it."""
        self.start_missing()
        until(self._whole, 120, "two nodes, one following the other")

    def _whole(self):
        leader = self.leader()
        if leader is None:
            return False
        wanted = "sync" if self.synchronous else "async"
        try:
            found = postgres.query(leader.port, "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'"
                                   " AND application_name = '" + self.other(leader).name + "'", "postgres")
        except Trouble:
            return False
        return found == wanted and (not self.synchronous or self._known_as_synchronous(leader))

    def _known_as_synchronous(self, leader):
        """Patroni fails over only to whom the others know to be synchronous."""
        return ask(f"http://127.0.0.1:{self.other(leader).rest}/synchronous")[0] == 200

    def set_synchronous(self, wanted):
        if wanted == self.synchronous:
            return
        rest = self.leader().rest
        status, text = ask(f"http://127.0.0.1:{rest}/config", "PATCH", {"synchronous_mode": wanted})
        if status != 200:
            raise Trouble(f"Patroni did not take synchronous_mode: {status} {text}")
        self.synchronous = wanted
        self.wait_until_whole()

    def switch_over(self):
        leader = self.leader()
        status, text = ask(f"http://127.0.0.1:{leader.rest}/switchover", "POST",
                           {"leader": leader.name, "candidate": self.other(leader).name}, 60)
        if status != 200:
            raise Trouble(f"no switchover: {status} {text}")

    def close(self):
        for node in self.nodes:
            node.close()
        self.etcd.close()

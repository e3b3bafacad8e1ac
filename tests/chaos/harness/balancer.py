"""HAProxy before a cluster: it asks Patroni which node leads, and sends everybody there."""

from . import postgres
from .processes import Process, folder, free_port, program, until


class Balancer:
    def __init__(self, parent, nodes):
        self.home = folder(parent, "balancer")
        self.port = free_port()
        settings = self.home / "haproxy.cfg"
        servers = "\n".join(f"  server {n.name} 127.0.0.1:{n.port} check port {n.rest}" for n in nodes)
        settings.write_text(f"""defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
listen leader
  bind 127.0.0.1:{self.port}
  option httpchk GET /primary
  http-check expect status 200
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
""")
        settings.chmod(0o644)
        self.process = Process([program("haproxy"), "-db", "-f", settings], self.home / "log", self.home)
        until(lambda: postgres.ready(self.port), 20, "the start of HAProxy")

    @property
    def dsn(self):
        return postgres.dsn(self.port) + f" application_name={postgres.APPLICATION}"

    def close(self):
        self.process.stop()

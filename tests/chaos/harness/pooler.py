"""PgBouncer before a server, in transaction mode."""

import contextlib

from . import postgres
from .processes import Process, Trouble, folder, free_port, program, until


class Pooler:
    def __init__(self, parent, server):
        self.home = folder(parent, "pooler")
        self.port = free_port()
        self.users = self.home / "users"
        self.users.write_text('"atto" ""\n')
        self.users.chmod(0o644)
        self.settings = self.home / "pgbouncer.ini"
        self.settings.write_text(f"""[databases]
atto = host=127.0.0.1 port={server.port} dbname=atto user=atto
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = trust
auth_file = {self.users}
admin_users = atto
pool_mode = transaction
default_pool_size = 6
ignore_startup_parameters = extra_float_digits
server_login_retry = 1
""")
        self.settings.chmod(0o644)
        self.start()

    @property
    def dsn(self):
        return postgres.dsn(self.port) + f" application_name={postgres.APPLICATION}"

    def start(self):
        self.process = Process([program("pgbouncer"), "-q", self.settings], self.home / "log", self.home)
        until(lambda: postgres.ready(self.port), 20, "the start of PgBouncer")

    def command(self, what):
        """To its console; nothing happens when another fault has taken it away, or made it forget."""
        with contextlib.suppress(Trouble):
            postgres.query(self.port, what, "pgbouncer")

    def close(self):
        self.process.stop()

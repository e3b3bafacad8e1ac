"""The private PostgreSQL that script/with-postgres has started."""

import os
import subprocess


class Server:
    def __init__(self, dsn):
        self.dsn = dsn
        self.tables = 0

    @classmethod
    def from_environment(cls):
        return cls(os.environ["ATTO_TEST_POSTGRES"])

    def query(self, sql):
        done = subprocess.run(
            ["psql", "--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", "-d", self.dsn, "-c", sql],
            check=True, capture_output=True, text=True,
        )
        return done.stdout.strip()

    def fresh_table(self):
        self.tables += 1
        return f"bench_{self.tables}"

    def drop(self, table):
        """All that a run may have made; then a checkpoint, so that every run begins alike."""
        self.query(
            f"SET client_min_messages = warning; DROP VIEW IF EXISTS {table}_snapshot;"
            f" DROP TABLE IF EXISTS {table}, {table}_tail; DROP SCHEMA IF EXISTS {table} CASCADE"
        )
        self.query("CHECKPOINT")

    def versions(self, table):
        return int(self.query(f"SELECT coalesce(sum(version), 0) FROM {table}"))

    def checkpoints(self, schema):
        return int(self.query(f"SELECT count(*) FROM {schema}.checkpoints"))

    def wal_position(self):
        return int(self.query("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))

    def settings(self):
        names = (
            "server_version fsync synchronous_commit wal_sync_method full_page_writes wal_compression"
            " shared_buffers max_wal_size checkpoint_timeout max_connections default_toast_compression"
        )
        return {name: self.query(f"SHOW {name}") for name in names.split()}

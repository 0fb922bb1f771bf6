"""The database of the service: append-only, SQLite or PostgreSQL. Nothing else in arrisk knows SQL."""

from arrisk.store.counts import count_connections, count_jobs
from arrisk.store.database import Database, ask_alive, connect, locate
from arrisk.store.upgrade import read_revision, require_current, upgrade

__all__ = [
    "Database",
    "ask_alive",
    "connect",
    "count_connections",
    "count_jobs",
    "locate",
    "read_revision",
    "require_current",
    "upgrade",
]

"""The database of the service: append-only, SQLite or PostgreSQL. Nothing else in arrisk knows SQL."""

from arrisk.store.database import Database, ask_alive, connect, locate
from arrisk.store.upgrade import require_current, upgrade

__all__ = ["Database", "ask_alive", "connect", "locate", "require_current", "upgrade"]

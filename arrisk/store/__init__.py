"""The database of the service: append-only, SQLite or PostgreSQL. Nothing else in arrisk knows SQL."""

from arrisk.store.database import Database, connect
from arrisk.store.upgrade import require_current, upgrade

__all__ = ["Database", "connect", "require_current", "upgrade"]

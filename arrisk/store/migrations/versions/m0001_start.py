"""The first form of the database."""

from alembic import op

from arrisk.store.tables import METADATA

revision = "0001"
down_revision = None

_LATER = ("saved_views",)
"""Tables that later migrations make."""


def upgrade() -> None:
    """Make every table of that form."""
    tables = [table for table in METADATA.sorted_tables if table.name not in _LATER]
    METADATA.create_all(op.get_bind(), tables=tables)

"""The first form of the database."""

from alembic import op

from arrisk.store.tables import METADATA

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    METADATA.create_all(op.get_bind())

"""Lists that a user filtered and wants to see so again."""

from alembic import op

from arrisk.store.tables import SAVED_VIEWS

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make their table."""
    SAVED_VIEWS.create(op.get_bind())

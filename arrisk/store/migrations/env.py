"""Run by Alembic: applies migrations on the connection that ``arrisk.store.upgrade`` gives."""

from alembic import context

from arrisk.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
# The transaction is the caller's.
context.run_migrations()

"""How much there is of what an operator watches."""

from sqlalchemy import func, select
from sqlalchemy.pool import QueuePool

from arrisk.store.database import Database
from arrisk.store.job_tables import JOBS

STATES = ("queued", "running", "done", "failed", "cancelled")


def count_jobs(database: Database) -> dict[str, int]:
    """Count jobs by state, those included that no job is in.

    Raises
    ------
    StoreError
        When the database cannot be reached.
    """
    query = select(JOBS.c.state, func.count()).group_by(JOBS.c.state)
    with database.read() as connection:
        found = {str(state): int(count) for state, count in connection.execute(query)}
    return dict.fromkeys(STATES, 0) | found


def count_connections(database: Database) -> dict[str, int]:
    """Count the connections of this process: at work, and waiting for work."""
    pool = database.engine.pool
    if not isinstance(pool, QueuePool):
        return {}
    return {"busy": pool.checkedout(), "idle": pool.checkedin()}

"""How much there is of what an operator watches."""

from sqlalchemy.pool import QueuePool

from arrisk.store.database import Database


def count_connections(database: Database) -> dict[str, int]:
    """Count the connections of this process: at work, and waiting for work."""
    pool = database.engine.pool
    if not isinstance(pool, QueuePool):
        return {}
    return {"busy": pool.checkedout(), "idle": pool.checkedin()}

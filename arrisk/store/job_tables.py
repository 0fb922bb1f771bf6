"""The tables of long work: jobs, their steps, and the files that were sent."""

from sqlalchemy import JSON, BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table, Text, text

from arrisk.store.tables import METADATA

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database counts up."""

_PLAIN = JSON(none_as_null=True)
_RUNNING = text("state = 'running'")

JOBS = Table(
    "jobs",
    METADATA,
    Column("job_id", NUMBER, primary_key=True, autoincrement=True),
    Column("kind", String(40), nullable=False),
    Column("ledger", String(200), nullable=False),
    Column("arguments", _PLAIN, nullable=False),
    Column("fingerprint", String(64), unique=True, comment="of who asked and their idempotency key"),
    Column("state", String(20), nullable=False, comment="queued, running, done, failed, cancelled"),
    Column("progress", Text, nullable=False, comment="what goes on, in words"),
    Column("share", Float, nullable=False, comment="of the steps that are done, 0 to 1"),
    Column("attempts", Integer, nullable=False, comment="how often it was begun since a step of it was done"),
    Column("claim", String(32), comment="whose it is: a new one each time that it is begun"),
    Column("heartbeat_at", String(40), comment="when its worker was last heard of, ISO 8601 in UTC"),
    Column("cancel_by", String(200), comment="who wants it to stop"),
    Column("made_by", String(200), nullable=False),
    Column("made_at", String(40), nullable=False),
    Column("started_at", String(40)),
    Column("ended_at", String(40)),
    Column("result", _PLAIN),
    Column("problem", _PLAIN, comment="why it failed: type, detail, where, hint"),
    Index("ix_jobs_state", "state", "job_id"),
    # However many workers there are, one of them at most is at a kind of work of a ledger.
    Index("uq_jobs_running", "kind", "ledger", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING),
)
"""One row per piece of long work. Its state changes; what it did stands in tables that do not."""

JOB_STEPS = Table(
    "job_steps",
    METADATA,
    Column("job_id", ForeignKey("jobs.job_id"), primary_key=True),
    Column("step", String(60), primary_key=True),
    Column("ended_at", String(40), nullable=False),
    Column("result", _PLAIN),
)
"""One row per step that is done; what is here is not done again."""

UPLOADS = Table(
    "uploads",
    METADATA,
    Column("upload_id", NUMBER, primary_key=True, autoincrement=True),
    Column("sha256", String(64), nullable=False, index=True, comment="of the content, under which it lies on the disk"),
    Column("name", String(200), nullable=False, comment="as it was sent, without folders"),
    Column("format", String(20), nullable=False, comment="csv, xlsx, parquet, or zip of canonical tables"),
    Column("size_bytes", BigInteger, nullable=False),
    Column("made_by", String(200), nullable=False),
    Column("made_at", String(40), nullable=False),
)
"""One row per file that was sent; the same content lies on the disk once."""

UPLOAD_PROBLEMS = Table(
    "upload_problems",
    METADATA,
    Column("upload_id", ForeignKey("uploads.upload_id"), primary_key=True),
    Column("job_id", ForeignKey("jobs.job_id"), primary_key=True),
    Column("seq", NUMBER, primary_key=True, autoincrement=False),
    Column("table", Text, nullable=False),
    Column("row", BigInteger, nullable=False),
    Column("column", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("hint", Text, nullable=False),
)
"""One row per problem that an ingest found in a file."""

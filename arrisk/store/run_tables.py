"""The tables of what was computed: runs, and what each found. Rows are added; whole old runs are dropped by policy.

Amounts are decimals of major units, in the currency beside them: the very figures that the commands write.
"""

from sqlalchemy import JSON, BigInteger, Column, Date, Float, ForeignKey, Index, Integer, String, Table, Text

from arrisk.store.job_tables import NUMBER
from arrisk.store.tables import METADATA

_PLAIN = JSON(none_as_null=True)


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text) for name in names]


def _number(*names: str) -> list[Column[float]]:
    return [Column(name, Float(53)) for name in names]


def _whole(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger) for name in names]


def _run() -> Column[int]:
    return Column("run_id", ForeignKey("runs.run_id"), primary_key=True)


RUNS = Table(
    "runs",
    METADATA,
    Column("run_id", NUMBER, primary_key=True, autoincrement=True),
    Column("ledger", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("as_of", Date, nullable=False, comment="what was known before the start of this day counts"),
    Column("currency", String(3), nullable=False),
    Column("fingerprint", String(64), nullable=False, unique=True, comment="of all that it rests on"),
    Column("data_sha256", String(64), nullable=False),
    Column("policy_hash", String(16), nullable=False),
    Column("payment_model", Text, nullable=False),
    Column("default_model", Text, nullable=False),
    Column("arrisk", String(40), nullable=False, comment="the version"),
    Column("job_id", ForeignKey("jobs.job_id")),
    Column("made_by", String(200), nullable=False),
    Column("made_at", String(40), nullable=False),
    Column("completed_at", String(40), comment="nobody sees a run before"),
    Column("note", Text, nullable=False),
    Index("ix_runs_newest", "ledger", "kind", "completed_at"),
)
"""One row per run: what was computed of a ledger as of a day, and on what it rests."""

RUN_INVOICES = Table(
    "run_invoices",
    METADATA,
    _run(),
    Column("row", Integer, primary_key=True, autoincrement=False, comment="1, 2, ... in the order computed"),
    *_text("invoice_id", "customer_id", "entity_id", "kind", "currency"),
    Column("issued_on", Date),
    Column("due_on", Date),
    *_number("amount", "open_amount", "disputed_amount", "expected_loss"),
    *_whole("days_past_due"),
    *_number("p_late", "p_late_30", "p_late_60", "p_late_90", "p_written_off", "p_still_open"),
    Column("paid_on_p10", Date),
    Column("expected_paid_on", Date),
    Column("paid_on_p90", Date),
    *_text("reasons", "main_reason"),
    Index("ix_run_invoices_customer", "run_id", "customer_id"),
)
"""One row per open invoice of a run, amounts in its own currency."""

RUN_CUSTOMERS = Table(
    "run_customers",
    METADATA,
    _run(),
    Column("customer_id", Text, primary_key=True),
    *_text("name", "country", "industry", "currency"),
    # Of its open invoices; null for who has none.
    *_whole("count_open"),
    *_number("open_amount", "overdue_amount", "disputed_amount", "expected_late_amount", "p_late", "expected_loss"),
    *_whole("oldest_days_past_due"),
    *_text("reasons_late"),
    *_number("p_default_12m", "lgd"),
    *_text("grade"),
    # Of p_default_12m: the strongest first, "; " between them; null for customers with little at stake.
    *_text("reasons", "main_reason", "adverse_reasons"),
    # Of its limit.
    *_number("current_limit", "recommended_limit", "need_amount", "own_amount", "cover_amount"),
    *_number("limit_open_amount", "orders_amount", "available_amount", "limit_lgd"),
    *_text("current_limit_kind", "limit_kind", "binding", "limit_reasons", "need_source", "depth"),
    Column("caps", _PLAIN, comment="every cap by name; null = does not apply"),
    *_whole("recommended_terms_days"),
    *_number("deposit_share", "discount_share", "discount_worth_share", "discount_cost_share"),
    Column("valid_from_on", Date),
    Column("valid_to_on", Date),
    Column("review_on", Date),
    Index("ix_run_customers_owed", "run_id", "open_amount"),
    Index("ix_run_customers_lost", "run_id", "expected_loss"),
    Index("ix_run_customers_grade", "run_id", "grade"),
)
"""One row per customer known by the day of a run, amounts in the book currency."""

RUN_WORKLIST = Table(
    "run_worklist",
    METADATA,
    _run(),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    *_text("customer_id", "name", "currency", "country", "industry", "grade"),
    *_number("at_stake_amount", "overdue_amount", "due_soon_amount", "disputed_amount", "p_open"),
    *_whole("count_items", "oldest_days_past_due"),
    *_text("why", "next_step"),
    Index("ix_run_worklist_customer", "run_id", "customer_id"),
    Index("ix_run_worklist_stake", "run_id", "at_stake_amount"),
    Index("ix_run_worklist_overdue", "run_id", "overdue_amount"),
    Index("ix_run_worklist_oldest", "run_id", "oldest_days_past_due"),
    Index("ix_run_worklist_grade", "run_id", "grade", "rank"),
    Index("ix_run_worklist_country", "run_id", "country", "rank"),
)
"""One row per customer to contact, as the worklist of a run ranks them, amounts in the book currency."""

RUN_REPORTS = Table(
    "run_reports",
    METADATA,
    _run(),
    Column("name", String(60), primary_key=True, comment="customers, forecast, ageing, kpis, allowance, watch"),
    Column("content", _PLAIN, nullable=False),
)
"""One row per report of a run, as the commands' --json gives it; a report that is there is done."""

"""The policy of write-offs: when an open invoice has no prospect any more, and which part of it is tax."""

from arrisk.policy.types import Amount, DayCount, Section, Share


class WriteOffPolicy(Section):
    """When an invoice ought to be written off; ``small_amount`` is in book currency."""

    past_due_days: DayCount
    no_receipt_days: DayCount
    paying_past_due_days: DayCount
    after_insolvency_days: DayCount
    small_amount: Amount
    small_past_due_days: DayCount
    tax_rate: Share
    together_days: DayCount

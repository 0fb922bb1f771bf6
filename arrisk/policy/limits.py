"""The policy of limits and terms: what a customer may owe, and until when."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from arrisk.policy.types import Amount, DayCount, Factor, Section, Share

DEPTHS = ("A", "B", "C", "D", "E")
"""How much is known of a customer, from the most to the least; shares by depth stand in this order."""

ByDepth = tuple[Amount, Amount, Amount, Amount, Amount]


class LimitPolicy(Section):
    """What bounds a limit; shares by depth are those of ``DEPTHS``, amounts are in book currency."""

    tolerated_delay_days: DayCount
    headroom: Amount
    need_share: tuple[Share, ...]
    net_worth_share: ByDepth
    working_capital_share: ByDepth
    turnover_share: ByDepth
    record_share: ByDepth
    starter_amount: ByDepth
    expected_loss_share: Share
    tail_loss_share: Share
    group_multiple: Annotated[float, Field(strict=True, ge=1, allow_inf_nan=False)]
    book_share: Share
    industry_share: Share
    country_share: Share
    margin_share: Share
    cost_of_money: Share
    need_spread: Factor
    stretch_at_default: Annotated[float, Field(strict=True, ge=1, allow_inf_nan=False)]
    confidence: Share
    assumed_default_rate: Share
    round_to: Factor
    valid_days: DayCount

    @model_validator(mode="after")
    def _knowing_less_never_allows_more(self) -> Self:
        for name in ("net_worth_share", "working_capital_share", "turnover_share", "record_share", "starter_amount"):
            shares = getattr(self, name)
            if list(shares) != sorted(shares, reverse=True):
                raise ValueError(f"{name} must not rise from A to E: knowing less never allows more")
        if list(self.need_share) != sorted(self.need_share, reverse=True):
            raise ValueError("need_share must not rise from the best grade to the worst")
        return self


class TermsPolicy(Section):
    """What a customer of each grade is given; one entry for each of the grades, from the best to the worst."""

    longest_days: tuple[DayCount, ...]
    deposit_share: tuple[Share, ...]
    review_days: tuple[DayCount, ...]
    discount_share: Share
    discount_days: DayCount

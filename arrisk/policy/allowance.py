"""The policy of the allowance: segments, history, credit notes, what is looked at one by one."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from arrisk.policy.frameworks import Asc326Policy, Overlay
from arrisk.policy.types import Amount, Factor, Section, Share

Column = Literal["country", "industry", "legal_form"]
Account = Annotated[str, Field(strict=True, min_length=1)]


class AccountPolicy(Section):
    """The accounts of the general ledger that a close posts to."""

    receivables: Account
    allowance: Account
    expense: Account
    cash: Account
    fx: Account
    other: Account


_ROUNDING = 1e-9

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class ScenarioPolicy(Section):
    """A course of the economy: its state in standard deviations, or the path of a series of ``conditions``."""

    name: Annotated[str, Field(strict=True, min_length=1)]
    weight: Share
    z: tuple[Number, ...] = ()
    series: str = ""
    country: str = ""
    industry: str = ""
    path: tuple[Number, ...] = ()
    high_is_bad: bool = False

    @model_validator(mode="after")
    def _is_told_in_one_way(self) -> Self:
        if bool(self.z) == bool(self.series) or bool(self.series) != bool(self.path):
            raise ValueError("needs either z, or a series and its path")
        return self


class AllowancePolicy(Section):
    """How the allowance for doubtful accounts is arrived at; amounts are in book currency."""

    method: Literal["matrix", "roll-rate", "model"]
    segment_by: tuple[Column, ...]
    history_steps: Annotated[int, Field(strict=True, ge=2, le=240)]
    outcome_days: Annotated[int, Field(strict=True, ge=30, le=1800, multiple_of=30)]
    roll_steps: Annotated[int, Field(strict=True, ge=1, le=240)]
    roll_customers_at_least: Annotated[int, Field(strict=True, ge=1)]
    presumption_days: Annotated[int, Field(strict=True, ge=1)]
    presumption_share: Share
    credit_notes: Literal["kept", "set_off"]
    cover: Literal["net", "gross"]
    discount_rate: Share
    individual_above: Amount
    prior_strength: Factor
    confidence: Annotated[float, Field(strict=True, gt=0, lt=1)]
    asc326: Asc326Policy
    signatories: tuple[Account, ...]
    accounts: AccountPolicy
    overlays: tuple[Overlay, ...] = ()
    asset_correlation: Annotated[float, Field(strict=True, ge=0, lt=1)]
    scenarios: tuple[ScenarioPolicy, ...]

    @model_validator(mode="after")
    def _overlays_differ(self) -> Self:
        names = [overlay.name for overlay in self.overlays]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise ValueError(f"overlays.{place}.name '{name}' stands there twice")
        return self

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> Self:
        total = sum(one.weight for one in self.scenarios)
        if self.scenarios and abs(total - 1.0) > _ROUNDING:
            raise ValueError(f"scenarios.0.weight and those of the other scenarios sum to {total:g}, not to 1")
        return self

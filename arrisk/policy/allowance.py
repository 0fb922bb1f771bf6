"""The policy of the allowance: segments, history, credit notes, what is looked at one by one."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from arrisk.policy.frameworks import Overlay
from arrisk.policy.types import Amount, Factor, Section, Share

Column = Literal["country", "industry", "legal_form"]


class AllowancePolicy(Section):
    """How the allowance for doubtful accounts is arrived at; amounts are in book currency."""

    method: Literal["matrix", "roll-rate", "model"]
    segment_by: tuple[Column, ...]
    history_steps: Annotated[int, Field(strict=True, ge=2, le=240)]
    outcome_days: Annotated[int, Field(strict=True, ge=30, le=1800, multiple_of=30)]
    roll_steps: Annotated[int, Field(strict=True, ge=1, le=240)]
    roll_customers_at_least: Annotated[int, Field(strict=True, ge=1)]
    credit_notes: Literal["kept", "set_off"]
    cover: Literal["net", "gross"]
    discount_rate: Share
    individual_above: Amount
    prior_strength: Factor
    confidence: Annotated[float, Field(strict=True, gt=0, lt=1)]
    overlays: tuple[Overlay, ...] = ()

    @model_validator(mode="after")
    def _overlays_differ(self) -> Self:
        names = [overlay.name for overlay in self.overlays]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise ValueError(f"overlays.{place}.name '{name}' stands there twice")
        return self

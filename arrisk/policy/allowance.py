"""The policy of the allowance: segments, history, credit notes, what is looked at one by one."""

from typing import Annotated, Literal

from pydantic import Field

from arrisk.policy.types import Amount, Factor, Section, Share

Column = Literal["country", "industry", "legal_form"]


class AllowancePolicy(Section):
    """How the allowance for doubtful accounts is arrived at; amounts are in book currency."""

    method: Literal["matrix", "roll-rate", "model"]
    segment_by: tuple[Column, ...]
    history_steps: Annotated[int, Field(strict=True, ge=2, le=240)]
    credit_notes: Literal["kept", "set_off"]
    cover: Literal["net", "gross"]
    discount_rate: Share
    individual_above: Amount
    prior_strength: Factor
    confidence: Annotated[float, Field(strict=True, gt=0, lt=1)]

"""The policy of overlays and of the two accounting frameworks: what people add to a method, and what ASC 326 allows."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from arrisk.acts import is_same_person
from arrisk.policy.types import Factor, Section

Text = Annotated[str, Field(strict=True, min_length=1)]
Day = Annotated[date, Field(strict=True)]
Framework = Literal["ifrs9", "asc326"]


class Overlay(Section):
    """An amount, or a factor on what a method gives, that somebody stands for until a day.

    It holds from ``from_on`` to ``expires_on``, both included; without an approver it is a draft.
    """

    name: Text
    factor: Factor | None = None
    amount: Annotated[float, Field(strict=True, allow_inf_nan=False)] | None = None
    segments: tuple[Text, ...] = ()
    buckets: tuple[Text, ...] = ()
    frameworks: Annotated[tuple[Framework, ...], Field(min_length=1)] = ("ifrs9", "asc326")
    reason: Text
    owner: Text
    source: Text
    approver: str = ""
    from_on: Day
    expires_on: Day

    @model_validator(mode="after")
    def _says_how_much(self) -> Self:
        if (self.factor is None) == (self.amount is None):
            raise ValueError("an overlay has an amount or a factor, one of the two")
        return self

    @model_validator(mode="after")
    def _stands_on_two_people(self) -> Self:
        if is_same_person(self.approver, self.owner):
            raise ValueError(f"the approver must not be the owner, {self.owner}")
        return self

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.expires_on < self.from_on:
            raise ValueError(f"expires_on, {self.expires_on}, is before from_on, {self.from_on}")
        return self


class Asc326Policy(Section):
    """What is different under ASC 326, with the practical expedient and the election of ASU 2025-05."""

    public: Annotated[bool, Field(strict=True)]
    expedient: Annotated[bool, Field(strict=True)]
    later_collections: Annotated[bool, Field(strict=True)]
    cover: Literal["net", "gross"]

    @model_validator(mode="after")
    def _may_look_at_later_collections(self) -> Self:
        if self.later_collections and (self.public or not self.expedient):
            need = "are for entities that are not public" if self.public else "need the expedient to be elected"
            raise ValueError(f"later_collections {need}: ASU 2025-05")
        return self

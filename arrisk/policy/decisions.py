"""The policy of decisions: which orders wait and who releases them, who may decide on how much, what a letter says."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from arrisk.acts import is_same_person
from arrisk.errors import AccessError, nearest
from arrisk.policy.types import Amount, DayCount, Section, Share

Text = Annotated[str, Field(strict=True, min_length=1)]
RuleKind = Literal["over_limit", "no_limit", "days_overdue", "overdue_amount", "order_amount", "grade", "in_default"]
Stage = Literal["order", "ship"]

UNKNOWN_GRADE = "unknown"
"""How a rule names a customer without a grade."""

EVERYBODY, CUSTOMER, GROUP = "all", "customer:", "group:"
"""Whom a rule is for: everybody, or one customer or group, whose id follows."""

_MEASURED = ("over_limit", "days_overdue", "overdue_amount", "order_amount")


class HoldRule(Section):
    """One rule: what it looks at, for whom, from which stage on, and who may release what it holds.

    A rule that blocks holds an order when what it measures is above the threshold; one that does not block releases
    the kinds it names when it is at or below.
    """

    name: Text
    kind: RuleKind
    scope: Annotated[str, Field(strict=True, pattern="^(all|(customer|group):.+)$")] = EVERYBODY
    stage: Stage = "order"
    threshold: Amount | None = None
    share: Share = 0.0
    grades: tuple[Text, ...] = ()
    disputed: Literal["left_out", "counted"] = "left_out"
    blocks: Annotated[bool, Field(strict=True)] = True
    release_by: str = ""
    releases: tuple[RuleKind, ...] = ()
    active: Annotated[bool, Field(strict=True)] = True

    @model_validator(mode="after")
    def _says_what_its_kind_needs(self) -> Self:
        if (self.kind in _MEASURED) != (self.threshold is not None):
            need = "needs a" if self.kind in _MEASURED else "has no"
            raise ValueError(f"a rule of kind {self.kind} {need} threshold")
        if (self.kind == "grade") != bool(self.grades):
            raise ValueError("grades are what a rule of kind grade names, and no other")
        if self.share and self.kind != "overdue_amount":
            raise ValueError("a share belongs to a rule of kind overdue_amount alone")
        return self

    @model_validator(mode="after")
    def _holds_or_releases(self) -> Self:
        if self.blocks and (not self.release_by or self.releases):
            raise ValueError("a rule that blocks names in release_by who may release it, and has no releases")
        if not self.blocks and (self.release_by or not self.releases):
            raise ValueError("a rule that does not block names in releases the kinds that it releases, not a role")
        if not self.blocks and self.kind in {"no_limit", "in_default"}:
            raise ValueError(f"a rule of kind {self.kind} cannot release anything")
        return self


class HoldPolicy(Section):
    """Which orders wait."""

    without_limit: Literal["hold", "recommended"]
    release_days: Annotated[int, Field(strict=True, ge=1, le=3650)]
    rules: tuple[HoldRule, ...]

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        _require_distinct("rules", "name", [rule.name for rule in self.rules])
        return self


class Role(Section):
    """Who may decide on limits up to an amount, in book currency."""

    name: Text
    up_to: Annotated[float, Field(strict=True, ge=0)]
    people: tuple[Text, ...]


class OverrideReason(Section):
    """Why a person decides otherwise than recommended; the text is what a customer may read."""

    code: Text
    text: Text


class AuthorityPolicy(Section):
    """Who may decide on how much, and on what proof."""

    four_eyes_above: Amount
    accounts_above: Amount
    offer_days: DayCount
    roles: tuple[Role, ...]
    overrides: tuple[OverrideReason, ...]

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        _require_distinct("roles", "name", [role.name for role in self.roles])
        _require_distinct("overrides", "code", [reason.code for reason in self.overrides])
        return self

    def appoint(self, person: str, *, role: str) -> Self:
        """Give the same authority as one person holds it, who alone acts.

        Parameters
        ----------
        role : the one that the person holds; empty = none.
        """
        roles = (one.model_copy(update={"people": (person,) if one.name == role else ()}) for one in self.roles)
        return self.model_copy(update={"roles": tuple(roles)})

    def find_role(self, person: str) -> Role | None:
        """Find the role in which a person may decide on most, however the name is written; None = in none."""
        held = [role for role in self.roles if any(is_same_person(person, name) for name in role.people)]
        return max(held, key=lambda role: role.up_to, default=None)

    def require_role(self, person: str) -> Role:
        """Find the role in which a person may decide on most.

        Raises
        ------
        AccessError
            When the person has none.
        """
        role = self.find_role(person)
        if role is None:
            people = sorted({name for one in self.roles for name in one.people})
            nobody = (
                "name the people of [[authority.roles]] in the policy, or give the user of the service an authority"
            )
            hint = nearest(person, people) if people else nobody
            raise AccessError(f"'{person}' has no authority to decide", where="by", hint=hint)
        return role


class LetterPolicy(Section):
    """What a letter about an adverse decision says, and how long its papers are kept."""

    creditor: str
    address: str
    agency: str
    request_days: DayCount
    answer_days: DayCount
    retain_days: DayCount
    retain_asked_days: DayCount
    most_reasons: Annotated[int, Field(strict=True, ge=1, le=4)]


def _require_distinct(tables: str, key: str, names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ValueError(f"{tables}.{place}.{key} '{name}' stands there twice")

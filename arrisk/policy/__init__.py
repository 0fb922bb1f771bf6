"""Business policy as data: what the credit manager decides, read from TOML, with a hash.

Policy is neither environment (paths, addresses) nor hyper-parameter (model settings); the three are never
mixed.
"""

import hashlib
import json
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PrivateAttr, ValidationError, field_validator, model_validator

from arrisk.errors import PolicyError, nearest
from arrisk.policy.access import AccessPolicy
from arrisk.policy.allowance import AllowancePolicy
from arrisk.policy.contacts import ContactPolicy
from arrisk.policy.decisions import UNKNOWN_GRADE, AuthorityPolicy, HoldPolicy, LetterPolicy
from arrisk.policy.limits import LimitPolicy, TermsPolicy
from arrisk.policy.mistakes import explain_mistake
from arrisk.policy.privacy import PrivacyPolicy
from arrisk.policy.retention import RetentionPolicy
from arrisk.policy.types import Amount, DayCount, Share
from arrisk.policy.types import Section as _Section
from arrisk.policy.write_offs import WriteOffPolicy

NOBODY = "-"
"""A name that no person can have."""

NOT_DUE = "not_due"
"""The bucket of what is due today or later."""


class BookPolicy(_Section):
    """What holds for the whole book."""

    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


class EndPolicy(_Section):
    """When an invoice counts as settled: open amount within the larger of the two."""

    amount: Amount
    share: Share


class AgeingPolicy(_Section):
    """Upper ends of the ageing buckets, in days past due."""

    past_due_days: tuple[DayCount, ...]

    @field_validator("past_due_days")
    @classmethod
    def _rises(cls, ends: tuple[int, ...]) -> tuple[int, ...]:
        if not ends or list(ends) != sorted(set(ends)) or ends[0] < 1:
            raise ValueError("must be whole days above 0 that rise, such as [30, 60, 90]")
        return ends

    def name_buckets(self) -> list[str]:
        """Name the buckets in order, the first of them what is not yet due."""
        ends = self.past_due_days
        starts = [1, *(end + 1 for end in ends[:-1])]
        return [NOT_DUE, *(f"{start}-{end}" for start, end in zip(starts, ends, strict=True)), f">{ends[-1]}"]


class DefaultPolicy(_Section):
    """When a customer is in default, and when that ends."""

    past_due_days: DayCount
    open_share: Share
    open_amount: Amount
    probation_days: DayCount


class KpiPolicy(_Section):
    """How far back the sales and receipts behind a key figure reach."""

    window_days: Annotated[int, Field(strict=True, ge=1, le=3650)]


class WorklistPolicy(_Section):
    """Who is worth a contact."""

    due_within_days: DayCount
    horizon_days: Annotated[int, Field(strict=True, ge=1, le=365)]
    minimum_amount: Amount


class LatePolicy(_Section):
    """How a customer's own late rate is mixed with the book's."""

    prior_strength: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]


class CollateralPolicy(_Section):
    """How much of what a security covers is counted on, by its kind."""

    guarantee: Share
    deposit: Share
    credit_insurance: Share
    letter_of_credit: Share
    lien: Share


class GradePolicy(_Section):
    """The master scale: which probability of default has which grade, and how many points it is worth."""

    names: tuple[Annotated[str, Field(strict=True, min_length=1)], ...]
    p_up_to: tuple[Share, ...]
    in_default: Annotated[str, Field(strict=True, min_length=1)]
    base_score: Annotated[float, Field(strict=True, allow_inf_nan=False)]
    base_odds: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
    points_to_double: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
    cycle: Literal["through_the_cycle", "point_in_time"]

    @field_validator("p_up_to")
    @classmethod
    def _rises_to_one(cls, ends: tuple[float, ...]) -> tuple[float, ...]:
        if not ends or list(ends) != sorted(set(ends)) or ends[0] <= 0 or ends[-1] != 1:
            raise ValueError("must rise from above 0 to 1, such as [0.01, 0.1, 1.0]")
        return ends

    @model_validator(mode="after")
    def _names_every_grade(self) -> Self:
        if len(self.names) != len(self.p_up_to) or len({*self.names, self.in_default}) != len(self.names) + 1:
            raise ValueError("names must be as many as p_up_to, and differ from each other and from in_default")
        return self


class LossPolicy(_Section):
    """How long money may come back after a default or a write-off, and what it is worth then."""

    default_days: Annotated[int, Field(strict=True, ge=1, le=3650)]
    write_off_days: Annotated[int, Field(strict=True, ge=1, le=3650)]
    discount_rate: Share
    assumed_share: Share


class ValidationPolicy(_Section):
    """What a default model has to show before it may be promoted."""

    customers_at_least: Annotated[int, Field(strict=True, ge=1)]
    defaults_at_least: Annotated[int, Field(strict=True, ge=1)]
    log_loss_gain_at_least: Annotated[float, Field(strict=True, allow_inf_nan=False)]
    gini_gain_at_least: Annotated[float, Field(strict=True, ge=-1, le=1)]
    slope_at_least: Amount
    slope_at_most: Amount
    grade_p_at_least: Share
    grades_passed_at_least: Share
    score_shift_at_most: Amount
    feature_shift_at_most: Amount
    bound_confidence: Annotated[float, Field(strict=True, gt=0, lt=1)]

    @model_validator(mode="after")
    def _has_room_for_a_slope(self) -> Self:
        if not self.slope_at_least < self.slope_at_most:
            raise ValueError("slope_at_least must be below slope_at_most")
        return self


class GovernancePolicy(_Section):
    """Who lets a model score, and on what proof."""

    first_model: Literal["promote", "wait"]
    report_age_days: DayCount
    payment_rows_at_least: Annotated[int, Field(strict=True, ge=1)]
    payment_slope_at_least: Amount
    payment_slope_at_most: Amount


class StalePolicy(_Section):
    """After how many days without a new row each table is stale."""

    customers: DayCount
    invoices: DayCount
    limits: DayCount
    payments: DayCount
    allocations: DayCount
    disputes: DayCount
    write_offs: DayCount
    recoveries: DayCount
    credit_events: DayCount
    applications: DayCount
    financials: DayCount
    attributes: DayCount
    collateral: DayCount
    orders: DayCount
    rates: DayCount
    conditions: DayCount


class RunsPolicy(_Section):
    """How long what was computed is kept."""

    keep: Annotated[int, Field(strict=True, ge=1)]


class WatchPolicy(_Section):
    """From where on somebody has to look at a model in use."""

    score_shift_at_most: Amount
    feature_shift_at_most: Amount
    moved_share_at_most: Share
    late_ratio_at_least: Amount
    late_ratio_at_most: Amount
    default_p_at_least: Share
    override_p_at_least: Share
    age_days_at_most: DayCount


class Policy(_Section):
    """All that is decided, not measured.

    Examples
    --------
    >>> load_policy().ageing.past_due_days
    (30, 60, 90)
    """

    book: BookPolicy
    end: EndPolicy
    ageing: AgeingPolicy
    default: DefaultPolicy
    kpis: KpiPolicy
    worklist: WorklistPolicy
    contacts: ContactPolicy
    late: LatePolicy
    collateral: CollateralPolicy
    grades: GradePolicy
    losses: LossPolicy
    allowance: AllowancePolicy
    validation: ValidationPolicy
    governance: GovernancePolicy
    watch: WatchPolicy
    stale: StalePolicy
    limits: LimitPolicy
    terms: TermsPolicy
    authority: AuthorityPolicy
    letters: LetterPolicy
    holds: HoldPolicy
    write_offs: WriteOffPolicy
    access: AccessPolicy
    runs: RunsPolicy
    retention: RetentionPolicy
    privacy: PrivacyPolicy

    _written: "Policy | None" = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _every_grade_has_an_entry(self) -> Self:
        lists = {
            f"terms.{name}": getattr(self.terms, name) for name in ("longest_days", "deposit_share", "review_days")
        }
        for name, entries in {"limits.need_share": self.limits.need_share, **lists}.items():
            if len(entries) != len(self.grades.names):
                raise ValueError(f"{name} must have one entry for each of the {len(self.grades.names)} grades")
        return self

    @model_validator(mode="after")
    def _rules_name_roles_and_grades(self) -> Self:
        roles = {role.name for role in self.authority.roles}
        grades = {*self.grades.names, self.grades.in_default, UNKNOWN_GRADE}
        for place, rule in enumerate(self.holds.rules):
            if rule.blocks and rule.release_by not in roles:
                raise ValueError(
                    f"holds.rules.{place}.release_by names '{rule.release_by}', which is no role: "
                    f"{nearest(rule.release_by, roles)}"
                )
            for grade in set(rule.grades) - grades:
                raise ValueError(f"holds.rules.{place}.grades names '{grade}', which is no grade")
        return self

    @model_validator(mode="after")
    def _overlays_name_buckets(self) -> Self:
        known = self.ageing.name_buckets()
        for place, overlay in enumerate(self.allowance.overlays):
            for bucket in set(overlay.buckets).difference(known):
                raise ValueError(f"allowance.overlays.{place}.buckets names '{bucket}': {nearest(bucket, known)}")
        return self

    def appoint(self, person: str, *, role: str = "", signs: bool = False) -> "Policy":
        """Give the same policy as it holds for one person, who alone acts; nobody whom the file names counts.

        The hash stays that of the file: who holds a role is none of its rules, and each act names person and role.

        Parameters
        ----------
        role : the person's role of ``authority``; empty = none.
        signs : whether the person may sign closes.

        Examples
        --------
        >>> own = load_policy().appoint("ana", role="credit manager")
        >>> own.authority.find_role("ana").up_to, own.authority.find_role("ben"), own.hash() == load_policy().hash()
        (100000.0, None, True)
        """
        own = self.model_copy(
            update={
                "authority": self.authority.appoint(person, role=role),
                "allowance": self.allowance.model_copy(update={"signatories": (person if signs else NOBODY,)}),
            }
        )
        own._written = self._written or self  # noqa: SLF001 - its own
        return own

    def hash(self, *sections: str) -> str:
        """Give the fingerprint of the whole policy, or of some of its sections.

        Parameters
        ----------
        *sections : names of sections; none means all that shape a figure or a decision, which
            ``access``, ``retention`` and ``runs`` do not.

        Returns
        -------
        str
            The first 16 hexadecimal digits of a SHA-256 over the canonical JSON.

        Raises
        ------
        PolicyError
            When there is no such section: the fingerprint of nothing would look like one.
        """
        for name in sections:
            if name not in type(self).model_fields:
                raise PolicyError(f"no policy section '{name}'", hint=nearest(name, type(self).model_fields))
        chosen = (self._written or self).model_dump(mode="json", include=set(sections) or _SHAPING)
        return hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()[:16]

    @classmethod
    def parse(cls, text: str, *, where: str) -> Self:
        """Read a policy from TOML text; sections and values left out are those of the shipped policy.

        Raises
        ------
        PolicyError
            When the text is not TOML, a name is unknown, or a value is out of range.
        """
        try:
            given = tomllib.loads(text)
            merged = _overlay(tomllib.loads(read_shipped_text()), given)
            return cls.model_validate(merged)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"the policy is not valid TOML: {error}", where=where) from error
        except ValidationError as error:
            raise explain_mistake(error, text, where=where, policy=cls) from error


_SHAPING = set(Policy.model_fields) - {"access", "retention", "runs"}


def load_policy(path: Path | None = None) -> Policy:
    """Read the policy of a file, or the shipped one.

    Raises
    ------
    PolicyError
        When the file cannot be read or has a mistake.
    """
    if path is None:
        return Policy.parse("", where="policy.toml")
    try:
        return Policy.parse(path.read_text(encoding="utf-8-sig"), where=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"cannot read the policy: {error}", where=str(path)) from error


def read_shipped_text() -> str:
    """Read the policy that is shipped, with its comments."""
    return resources.files("arrisk").joinpath("policy.toml").read_text(encoding="utf-8")


def _overlay(base: dict[str, object], given: dict[str, object]) -> dict[str, object]:
    merged = dict(base)
    for key, value in given.items():
        below = merged.get(key)
        merged[key] = _overlay(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged

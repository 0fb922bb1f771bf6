"""The letter about an adverse decision: the principal reasons from what was stored, and the clocks that it starts.

It follows what Regulation B asks of trade credit: notice within a reasonable time, written reasons when the applicant
asks within sixty days (12 CFR 1002.9(a)(3)(ii)), specific and true reasons (1002.9(b)(2)), papers kept (1002.12(b)(5)).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from arrisk.decisions.authority import propose
from arrisk.decisions.cases import Case, State
from arrisk.errors import InputError, ModelError
from arrisk.policy.decisions import LetterPolicy

TOLERANCE = 1e-6
"""Parts that sum to their margin within this are those of the score."""

ADVERSE = (State.DECLINED, State.COUNTER_OFFER)

_OF_RISK = {"refused", "grade", "expected_loss", "value"}
"""Bounds that follow from the probability of default."""

_BOUND_TEXTS: Mapping[str, str] = {
    "in_default": "obligations to us that are long past due, written off, or subject to insolvency",
    "need": "the purchases from us do not need a higher limit",
    "starter": "too short a record with us, and no annual accounts, to give more than a first limit",
    "capacity": "the limit asked for is more than net worth, working capital, turnover or the record with us carry",
    "grade": "the risk of default is too high for the limit asked for",
    "expected_loss": "the risk of default is too high for the limit asked for",
    "value": "the risk of default is too high for the limit asked for",
    "refused": "the risk of default is too high for credit",
    "tail_loss": "the limit asked for is more than we give to one customer without security",
    "book": "the limit asked for is more than we give to one customer",
    "industry": "we give no more credit to this industry for now",
    "country": "we give no more credit to this country for now",
    "group": "the limit of the group of companies is used up",
}

_EQUAL = (
    "The federal Equal Credit Opportunity Act prohibits creditors from discriminating against credit applicants on "
    "the basis of race, color, religion, national origin, sex, marital status, age (provided the applicant has the "
    "capacity to enter into a binding contract); because all or part of the applicant's income derives from any public "
    "assistance program; or because the applicant has in good faith exercised any right under the Consumer Credit "
    "Protection Act. The federal agency that administers compliance with this law concerning this creditor is {agency}."
)
_ASK = (
    "You may ask us in writing, until {until} ({days} days from this notice), for a written statement of the reasons; "
    "we send it within {answer} days of receiving your request."
)


@dataclass(frozen=True)
class Reason:
    """One principal reason: its text, and where it comes from (``override``, ``bound`` or ``score``)."""

    text: str
    source: str


@dataclass(frozen=True)
class Letter:
    """A letter: paragraphs of plain text, and what the record holds of it."""

    title: str
    paragraphs: tuple[str, ...]
    reasons: tuple[Reason, ...]
    content: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The letter as plain text."""
        listed = "\n".join(f"  {place}. {reason.text}" for place, reason in enumerate(self.reasons, start=1))
        parts = [part if part != LIST else listed for part in self.paragraphs]
        return "\n\n".join([self.title, *parts]) + "\n"


LIST = "(reasons)"
"""The paragraph in whose place the reasons stand."""


def require_reproduced(snapshot: Mapping[str, Any]) -> None:
    """Make sure that the stored contributions still sum to the stored probability of default.

    Raises
    ------
    ModelError
        When they do not: reasons that are not those of the score are given to nobody.
    """
    reasons, p = snapshot["reasons"], snapshot["risk"]["p_default_12m"]
    if reasons["margin"] is None:
        return
    total = reasons["starting_value"] + math.fsum(one["contribution"] for one in reasons["all"])
    parts = {(one["reason"], one["contribution"]) for one in reasons["all"]}
    stray = [one for one in reasons["adverse"] if (one["reason"], one["contribution"]) not in parts]
    if abs(total - reasons["margin"]) > TOLERANCE or abs(math.log(p / (1 - p)) - total) > TOLERANCE or stray:
        raise ModelError("the stored reasons do not sum to the stored probability of default", hint="open a new case")


def list_principal_reasons(case: Case, policy: LetterPolicy) -> tuple[Reason, ...]:
    """List the principal reasons of an adverse decision, at most ``most_reasons``, as they are.

    A person who decided on less than recommended had one reason: the override. Otherwise it is what bound the limit;
    where that was the probability of default, the reasons that raised it, the strongest first.

    Raises
    ------
    ModelError
        When the stored contributions do not sum up.
    """
    require_reproduced(case.snapshot)
    found = case.snapshot["recommendation"]
    proposed = propose(case.requested_limit, float(found["recommended_limit"]))
    if case.decision["override_code"] and case.decision["limit"] < proposed:
        return (Reason(case.decision["override_text"], "override"),)
    binding = found["binding"]
    adverse = case.snapshot["reasons"]["adverse"][: policy.most_reasons]
    if binding in _OF_RISK and adverse:
        return tuple(Reason(one["text"], "score") for one in adverse)
    return (Reason(_BOUND_TEXTS[binding], "bound"),)


def write_letter(case: Case, policy: LetterPolicy, *, on: date) -> Letter:
    """Write the letter about an adverse decision.

    Parameters
    ----------
    case : declined, or with a counter-offer.
    policy : creditor, agency and clocks.
    on : the day of the notice; a letter that was written already keeps its day.

    Raises
    ------
    InputError
        When the decision is not adverse.
    ModelError
        When the stored contributions do not sum up.
    """
    if case.state not in ADVERSE:
        raise InputError(f"case {case.case_id} is {case.state}: there is nothing adverse to explain")
    notified = date.fromisoformat(case.letter["notified_on"]) if case.letter else on
    reasons = list_principal_reasons(case, policy)
    ask_until = notified + timedelta(days=policy.request_days)
    content = {
        "case_id": case.case_id,
        "notified_on": notified.isoformat(),
        "ask_until_on": ask_until.isoformat(),
        "retain_until_on": (notified + timedelta(days=policy.retain_days)).isoformat(),
        "reasons": [reason.text for reason in reasons],
    }
    paragraphs = (
        f"{policy.creditor}\n{policy.address}",
        f"{notified.isoformat()}\nTo: {case.name or case.customer_id}\nCase: {case.reference}",
        _state_decision(case),
        "The principal reasons for this decision:" if len(reasons) > 1 else "The principal reason for this decision:",
        LIST,
        _ASK.format(until=ask_until.isoformat(), days=policy.request_days, answer=policy.answer_days),
        _EQUAL.format(agency=policy.agency),
    )
    return Letter("Notice of our decision on credit", paragraphs, reasons, content)


def note_request(case: Case, policy: LetterPolicy, *, on: date) -> dict[str, Any]:
    """Give what the record holds of a customer's written request for the reasons, or that papers be kept.

    Raises
    ------
    InputError
        When no letter was sent, or the request comes too late.
    """
    if not case.letter:
        raise InputError(f"case {case.case_id} has no letter", hint="`arrisk decide letter` first")
    if on > date.fromisoformat(case.letter["ask_until_on"]):
        raise InputError(
            f"the customer could ask until {case.letter['ask_until_on']}", hint="answer it without a record"
        )
    notified = date.fromisoformat(case.letter["notified_on"])
    return {
        "case_id": case.case_id,
        "asked_on": on.isoformat(),
        "answer_until_on": (on + timedelta(days=policy.answer_days)).isoformat(),
        "retain_until_on": (notified + timedelta(days=policy.retain_asked_days)).isoformat(),
    }


def _state_decision(case: Case) -> str:
    asked = "" if case.requested_limit is None else f" of {case.requested_limit:,.2f} {case.snapshot['currency']}"
    if case.state == State.DECLINED:
        return f"We have decided not to give the credit limit{asked} that was asked for."
    limit = f"{case.decision['limit']:,.2f} {case.snapshot['currency']}"
    conditions = f" on these conditions: {case.decision['conditions']}" if case.decision["conditions"] else ""
    return (
        f"We cannot give the credit limit{asked} that was asked for. We offer a limit of {limit}{conditions}; "
        f"the offer stands until {case.decision['offer_until_on']}."
    )

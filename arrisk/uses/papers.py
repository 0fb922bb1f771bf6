"""The papers of a case: the memo for a committee, the letter for the customer, and a case in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from arrisk.acts import Step
from arrisk.decisions.authority import propose
from arrisk.decisions.cases import Case
from arrisk.decisions.letters import LIST, Letter
from arrisk.errors import InputError, OutputError
from arrisk.reports.credit_memo import describe_memo
from arrisk.reports.html import make_list, make_page, make_paragraph
from arrisk.reports.sheet import Sheet
from arrisk.reports.sheet_html import render_html

_LETTERS = (".txt", ".html")
_MEMOS = (".html", ".pdf")


def require_memo_format(suffix: str) -> None:
    """Refuse endings that a memo is not written as, before anything is read.

    Raises
    ------
    OutputError
        When the ending is not .html or .pdf.
    """
    if suffix.lower() not in _MEMOS:
        raise OutputError(f"a memo is not written as '{suffix}'", hint=" or ".join(_MEMOS))


def write_memo(case: Case, suffix: str, *, on: date) -> bytes:
    """Write the memo of a case as a page for the browser or as a PDF, by the file's ending.

    Parameters
    ----------
    case : its steps and all that they hold.
    suffix : the ending; raises as ``require_memo_format`` does.
    on : the day on which it is read: an offer may be over by then.

    Raises
    ------
    InputError
        When matplotlib is not installed, or reportlab, which a PDF needs too.
    """
    require_memo_format(suffix)
    sheet = _describe(case, on)
    return _print_sheet(sheet) if suffix.lower() == ".pdf" else render_html(sheet).encode()


def _print_sheet(sheet: Sheet) -> bytes:
    try:
        from arrisk.reports.sheet_pdf import render_pdf  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise InputError("a PDF needs reportlab and matplotlib", hint="pip install 'arrisk[pdf]'") from error
    return render_pdf(sheet)


def _describe(case: Case, on: date) -> Sheet:
    asked = "no amount" if case.requested_limit is None else _amount(case.requested_limit, case)
    head = {
        "case": case.reference,
        "state": str(case.stand(on)).replace("_", " "),
        "requested": asked,
        "proposed by": case.proposer,
        "as of": case.snapshot["as_of"],
        **_describe_customer(case.snapshot["customer"]),
    }
    return describe_memo(case.snapshot, case=head, proposal=state_proposal(case), trail=list_trail(case))


def _describe_customer(customer: Mapping[str, Any]) -> dict[str, str]:
    words = {"customer_id": "customer", "country": "country", "industry": "industry", "legal_form": "form"}
    words |= {"incorporated_on": "founded", "onboarded_on": "customer since", "parent_id": "parent"}
    return {word: str(customer[name]) for name, word in words.items() if customer[name]}


def require_letter_format(suffix: str) -> None:
    """Refuse endings that a letter is not written as, before anything is recorded.

    Raises
    ------
    OutputError
        When the ending is not .txt or .html.
    """
    if suffix.lower() not in _LETTERS:
        raise OutputError(f"a letter is not written as '{suffix}'", hint=" or ".join(_LETTERS))


def format_letter(letter: Letter, suffix: str) -> str:
    """Give a letter as plain text or as a page, by the file's ending; raises as ``require_letter_format`` does."""
    require_letter_format(suffix)
    if suffix.lower() == ".txt":
        return letter.text
    listed = make_list(reason.text for reason in letter.reasons)
    parts = [listed if part == LIST else make_paragraph(part) for part in letter.paragraphs]
    return make_page(letter.title, parts)


def state_proposal(case: Case) -> str:
    """State in one sentence what is recommended."""
    found = case.snapshot["recommendation"]
    recommended = float(found["recommended_limit"])
    now = _state_current(case)
    if recommended <= 0:
        return f"Recommended: no credit ({found['binding_words']}); {now}."
    limit = propose(case.requested_limit, recommended)
    bound = f"bound by {found['binding_words']}" if limit == recommended else "all that was asked for"
    return f"Recommended: a limit of {_amount(limit, case)}, {bound}; {now}."


def _state_current(case: Case) -> str:
    found = case.snapshot["recommendation"]
    kind = found["current_limit_kind"]
    if kind == "amount":
        return f"now {_amount(found['current_limit'], case)}"
    return {"none": "now without a bound", "zero": "now zero"}.get(kind, "now without a valid limit")


def state_basis(case: Case) -> str:
    """Name what a case rests on: model, policy and data."""
    return "; ".join(f"{word} {said}" for word, said in case.snapshot["basis"].items())


def list_trail(case: Case) -> list[list[str]]:
    """List the steps of a case: when, who, what."""
    return [[step.at[:16].replace("T", " "), step.by, _say_step(step, case)] for step in case.steps]


def _say_step(step: Step, case: Case) -> str:
    content = step.content
    parts = [step.action]
    if step.action == "open" and content["requested_limit"] is not None:
        parts.append(f"asks for {_amount(content['requested_limit'], case)}")
    if step.action == "approve":
        parts.append(f"{_amount(content['limit'], case)} until {content['valid_to_on']}, as {content['role']}")
    if step.action == "decline":
        parts.append(f"as {content['role']}")
    if step.action == "pend":
        parts.append(f"{content['missing']} are missing")
    if step.action in {"score", "pend"}:
        parts.append(f"as of {content['snapshot']['as_of']}")
    if step.action == "letter":
        parts.append(f"the customer may ask until {content['ask_until_on']}")
    for name in ("override_code", "conditions", "note"):
        parts += [f"{name.replace('_code', '')}: {content[name]}"] if content.get(name) else []
    state = content.get("state")
    return "; ".join(parts) + (f" -> {state.replace('_', ' ')}" if state else "")


def _amount(amount: float, case: Case) -> str:
    return f"{amount:,.2f} {case.snapshot['currency']}"

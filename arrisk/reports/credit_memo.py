"""The credit memo: one page on a case that a committee can read, from what the case holds alone."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from arrisk.reports.html import NONE, format_figure, format_share
from arrisk.reports.memo_charts import describe_payments, render_history_chart
from arrisk.reports.sheet import Columns, Listing, Paragraph, Part, Picture, Section, Sheet, Table

_KINDS = {"none": "without a bound", "zero": "zero: nothing on credit"}


def describe_memo(
    snapshot: Mapping[str, Any], *, case: Mapping[str, str], proposal: str, trail: Sequence[Sequence[str]]
) -> Sheet:
    """Describe the memo as a sheet; its picture needs matplotlib once it is drawn.

    Parameters
    ----------
    snapshot : as the case holds it.
    case : words and what they are, for the head of the page.
    proposal : the recommendation in one sentence.
    trail : when, who, what, of each step.
    """
    customer = snapshot["customer"]
    return Sheet(
        f"Credit memo {case['case']}: {customer['name'] or customer['customer_id']}",
        [
            Paragraph(" · ".join(f"{word}: {said}" for word, said in case.items()), role="quiet"),
            Paragraph(proposal, role="answer"),
            Columns(
                [Section("Limit", _tabulate_limit(snapshot))],
                [
                    Section("Five C's", [_tabulate_five_cs(snapshot), _state_risk(snapshot)]),
                    Section("Why this risk", [_tabulate_reasons(snapshot)]),
                ],
            ),
            Section("How it pays", [*_draw_history(snapshot), _tabulate_ageing(snapshot)]),
            Section("Group", [_tabulate_group(snapshot)]),
            Section("Decision", [Table(["when", "who", "what"], trail, words=frozenset(range(3)))]),
            Section("Basis", [Listing([f"{word}: {said}" for word, said in snapshot["basis"].items()])]),
        ],
    )


def _tabulate_limit(snapshot: Mapping[str, Any]) -> list[Part]:
    found = snapshot["recommendation"]
    current = _KINDS.get(found["current_limit_kind"] or "", "") or (
        _show(found["current_limit"]) if found["current_limit_kind"] else "no valid limit"
    )
    rows = [
        ["current limit", current],
        ["owed now, and open orders", f"{_show(found['open_amount'])}, {_show(found['orders_amount'])}"],
        [f"need ({found['need_source'] or 'not known'})", _show(found["need_amount"])],
        *([f"cap: {name.replace('_', ' ')}", _show(cap)] for name, cap in found["caps"].items()),
        ["cover added", _show(found["cover_amount"])],
        ["recommended limit", _show(found["recommended_limit"])],
    ]
    marked = frozenset({len(rows) - 1, *(place for place, row in enumerate(rows) if _binds(row[0], found["binding"]))})
    said = f"Amounts in {snapshot['currency']}; – = does not apply. What decides: {found['binding_words']}."
    terms = (
        f"Terms: {found['recommended_terms_days']} days, {format_share(found['deposit_share'], digits=0)} paid before "
        f"delivery; review on {found['review_on']}."
    )
    return [Table(["", snapshot["currency"]], rows, caption=said, marked=marked), Paragraph(terms)]


def _binds(label: str, binding: str) -> bool:
    return label == f"cap: {binding.replace('_', ' ')}" or (binding == "need" and label.startswith("need"))


def _tabulate_five_cs(snapshot: Mapping[str, Any]) -> Table:
    rows = [
        [
            f"{name}: {'; '.join(fact['text'] for fact in one['facts']) or 'nothing known'}",
            format_figure(one["points"] + 0.0, digits=1),
            f"{one['known']} of {one['asked']}",
        ]
        for name, one in snapshot["five_cs"].items()
    ]
    said = "Points against the average customer, on the scale of the grades: more points, less risk."
    return Table(["", "points", "known"], rows, caption=said)


def _state_risk(snapshot: Mapping[str, Any]) -> Paragraph:
    risk = snapshot["risk"]
    p = "not known" if risk["p_default_12m"] is None else format_share(risk["p_default_12m"])
    return Paragraph(
        f"Default within a year: {p} (grade {risk['grade'] or NONE}); loss given default {format_share(risk['lgd'])}; "
        f"data depth {risk['depth']} (A = fresh accounts, E = nothing known)."
    )


def _tabulate_reasons(snapshot: Mapping[str, Any]) -> Part:
    reasons = snapshot["reasons"]["all"][:6]
    rows = [
        [one["text"], "more" if one["contribution"] > 0 else "less", f"{one['contribution']:+.3f}"] for one in reasons
    ]
    return Table(["", "risk", "log-odds"], rows) if rows else Paragraph("No model speaks of this customer.")


def _draw_history(snapshot: Mapping[str, Any]) -> list[Part]:
    payments, currency = snapshot["payments"], snapshot["currency"]
    draw = partial(render_history_chart, payments, snapshot["exposure"], currency=currency)
    said = "Left: each invoice by its due day. Right: exposure at month starts against the limit of that day."
    told = describe_payments(payments)
    return [Paragraph(f"{told}."), Picture(draw, name="history", alt=told, caption=said)]


def _tabulate_ageing(snapshot: Mapping[str, Any]) -> Table:
    buckets = snapshot["ageing"]
    names = [name.replace("_", " ") for name, _ in buckets]
    return Table(["open items", *names], [[snapshot["currency"], *(_show(amount) for _, amount in buckets)]])


def _tabulate_group(snapshot: Mapping[str, Any]) -> Table:
    columns = ("open_amount", "current_limit", "recommended_limit")
    rows = [[one["name"] or one["customer_id"], *(_show(one[name]) for name in columns)] for one in snapshot["group"]]
    return Table(["", "owed", "current limit", "recommended"], rows)


def _show(amount: float | None) -> str:
    return format_figure(amount, digits=0)

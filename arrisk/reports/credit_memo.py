"""The credit memo: one page on a case that a committee can read, from what the case holds alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from arrisk.reports.html import (
    NONE,
    format_figure,
    format_share,
    make_figure,
    make_list,
    make_page,
    make_paragraph,
    make_section,
    make_table,
)
from arrisk.reports.memo_charts import describe_payments, render_history_chart

_STYLE = """<style>
body { max-width: 68rem; padding-top: 1rem; font-size: 13px; line-height: 1.4; }
p, ul { max-width: none; }
h2 { margin: .8rem 0 .2rem; padding-top: .4rem; font-size: 1.05rem; }
table { min-width: 0; width: 100%; margin: .2rem 0 .4rem; }
th, td { padding: .1rem .5rem; }
figure { margin: .4rem 0; }
.two { display: grid; grid-template-columns: 2fr 3fr; column-gap: 1.6rem; }
@media (max-width: 45rem) { .two { display: block; } }
@media print { body { font-size: 7.6pt; } @page { margin: 9mm; } }
</style>"""
_KINDS = {"none": "without a bound", "zero": "zero: nothing on credit"}


def render_memo(
    snapshot: Mapping[str, Any], *, case: Mapping[str, str], proposal: str, trail: Sequence[Sequence[str]]
) -> str:
    """Render the memo as a page that needs nothing beside it.

    Parameters
    ----------
    snapshot : as the case holds it.
    case : words and what they are, for the head of the page.
    proposal : the recommendation in one sentence.
    trail : when, who, what, of each step.
    """
    customer = snapshot["customer"]
    title = f"Credit memo {case['case']}: {customer['name'] or customer['customer_id']}"
    return make_page(
        title,
        [
            _STYLE,
            make_paragraph(" · ".join(f"{word}: {said}" for word, said in case.items()), role="quiet"),
            make_paragraph(proposal, role="answer"),
            _set_beside(
                make_section("Limit", _tabulate_limit(snapshot)),
                make_section("Five C's", _tabulate_five_cs(snapshot), _state_risk(snapshot))
                + make_section("Why this risk", _tabulate_reasons(snapshot)),
            ),
            make_section("How it pays", _draw_history(snapshot), _tabulate_ageing(snapshot)),
            make_section("Group", _tabulate_group(snapshot)),
            make_section("Decision", make_table(["when", "who", "what"], trail)),
            make_section("Basis", make_list(f"{word}: {said}" for word, said in snapshot["basis"].items())),
        ],
    )


def _set_beside(left: str, right: str) -> str:
    return f'<div class="two"><div>{left}</div><div>{right}</div></div>'


def _tabulate_limit(snapshot: Mapping[str, Any]) -> str:
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
    return make_table(["", snapshot["currency"]], rows, caption=said, marked=marked) + make_paragraph(terms)


def _binds(label: str, binding: str) -> bool:
    return label == f"cap: {binding.replace('_', ' ')}" or (binding == "need" and label.startswith("need"))


def _tabulate_five_cs(snapshot: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{name}: {'; '.join(fact['text'] for fact in one['facts']) or 'nothing known'}",
            format_figure(one["points"] + 0.0, digits=1),
            f"{one['known']} of {one['asked']}",
        ]
        for name, one in snapshot["five_cs"].items()
    ]
    said = "Points against the average customer, on the scale of the grades: more points, less risk."
    return make_table(["", "points", "known"], rows, caption=said)


def _state_risk(snapshot: Mapping[str, Any]) -> str:
    risk = snapshot["risk"]
    p = "not known" if risk["p_default_12m"] is None else format_share(risk["p_default_12m"])
    return make_paragraph(
        f"Default within a year: {p} (grade {risk['grade'] or NONE}); loss given default {format_share(risk['lgd'])}; "
        f"data depth {risk['depth']} (A = fresh accounts, E = nothing known)."
    )


def _tabulate_reasons(snapshot: Mapping[str, Any]) -> str:
    reasons = snapshot["reasons"]["all"][:6]
    rows = [
        [one["text"], "more" if one["contribution"] > 0 else "less", f"{one['contribution']:+.3f}"] for one in reasons
    ]
    return make_table(["", "risk", "log-odds"], rows) or make_paragraph("No model speaks of this customer.")


def _draw_history(snapshot: Mapping[str, Any]) -> str:
    payments, currency = snapshot["payments"], snapshot["currency"]
    drawing = render_history_chart(payments, snapshot["exposure"], currency=currency)
    said = "Left: each invoice by its due day. Right: exposure at month starts against the limit of that day."
    return make_figure(drawing, name="history", alt=describe_payments(payments), caption=said)


def _tabulate_ageing(snapshot: Mapping[str, Any]) -> str:
    buckets = snapshot["ageing"]
    names = [name.replace("_", " ") for name, _ in buckets]
    return make_table(["open items", *names], [[snapshot["currency"], *(_show(amount) for _, amount in buckets)]])


def _tabulate_group(snapshot: Mapping[str, Any]) -> str:
    columns = ("open_amount", "current_limit", "recommended_limit")
    rows = [[one["name"] or one["customer_id"], *(_show(one[name]) for name in columns)] for one in snapshot["group"]]
    return make_table(["", "owed", "current limit", "recommended"], rows)


def _show(amount: float | None) -> str:
    return format_figure(amount, digits=0)

"""The card of a default model, for those who answer for it: every figure in it was measured or stands in policy."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arrisk.reports.backtest_tables import format_interval
from arrisk.reports.default_tables import describe_check, name_model
from arrisk.reports.default_texts import CHECKS, LIMITS
from arrisk.reports.html import format_figure, format_share, make_list, make_section, make_table

Plain = Mapping[str, Any]

_CYCLES = {
    "through_the_cycle": "The mean probability is that of all years observed (through the cycle): in a worse year than "
    "these it is too low, in a better one too high.",
    "point_in_time": "The mean probability follows the newest years observed (point in time): it moves with the times.",
}


@dataclass(frozen=True)
class CardPart:
    """One heading of the card, with sentences and perhaps a table below it."""

    title: str
    lines: tuple[str, ...]
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def list_card(report: Plain) -> list[CardPart]:
    """List the parts of a model's card.

    Parameters
    ----------
    report : as given by ``backtest_default``, with ``facts``, ``validation`` and ``verdict``.
    """
    facts, models = report["facts"], report["validation"]["models"]
    features = tuple(
        f"{name}: {len(own['features'])} features: {', '.join(own['features'])}."
        + (f" Left out, because they move with the calendar: {', '.join(own['left_out'])}." if own["left_out"] else "")
        for name, own in facts["models"].items()
    )
    return [
        CardPart("Purpose and limits of use", tuple(_describe_purpose(facts))),
        CardPart("Data", tuple(_describe_data(facts))),
        CardPart("What a default is", tuple(_describe_label(facts))),
        CardPart("Features read", features),
        *(_describe_champion(facts["models"][name], own, name) for name, own in models.items()),
        CardPart("Assumptions", tuple(_list_assumptions(facts))),
        CardPart("Known limits", tuple(_list_limits(report))),
        CardPart("Monitoring triggers", tuple(_list_triggers(facts["limits"]))),
        _describe_verdict(report["verdict"]),
        CardPart("Versions", tuple(f"{name} {version}" for name, version in facts["versions"].items())),
    ]


def write_card(report: Plain) -> str:
    """Write the card as Markdown."""
    parts = [f"# Model card: default within a year, {report['ledger']}"]
    for part in list_card(report):
        parts += [f"## {part.title}", "\n".join(f"- {line}" for line in part.lines), _write_table(part.head, part.rows)]
    return "\n\n".join(filter(None, parts)) + "\n"


def render_card(report: Plain) -> Iterator[str]:
    """Write the card as the sections of a page."""
    for part in list_card(report):
        lines = make_list(part.lines) if part.lines else ""
        yield make_section(part.title, lines, make_table(part.head, part.rows), level=3)


def _write_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    if not head:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _describe_purpose(facts: Plain) -> Iterator[str]:
    yield (
        f"The probability that a customer of ledger {facts['ledger']} who is not in default comes into default within "
        f"{facts['horizon_days']} days, its grade, and with loss given default the loss to expect."
    )
    yield "Behaviour model: customers with invoices from us. Application model: applicants known from outside alone."
    yield "For this ledger only: another one has other customers, and its own default rate."
    yield "Upper bounds of the default rate are for limits only, never for an allowance."
    yield "A person decides; a refusal names the reasons of the score it rests on."


def _describe_data(facts: Plain) -> Iterator[str]:
    yield f"Ledger {facts['ledger']}, in {facts['currency']}, to {facts['extract_end_on']}."
    yield f"Trained on what was known before {facts['trained_before']}. Policy {facts['policy_hash']}."
    for name, own in facts["models"].items():
        yield (
            f"{name}: {own['rows']:,} questions about {own['customers']:,} customers as of days from {own['first_on']} "
            f"to {own['last_on']}, {own['customer_years']:,.0f} customer-years without overlap; "
            f"{own['customers_in_default_within_a_year']:,} customers came into default within a year of "
            f"{own['questions_in_default_within_a_year']:,} of the questions."
        )


def _describe_label(facts: Plain) -> Iterator[str]:
    label = facts["label"]
    yield (
        f"Undisputed items at least {label['past_due_days']} days past due, over "
        f"{format_share(label['open_share'])} of the customer's open balance and over {label['open_amount']:,.2f} "
        f"{facts['currency']}; a bad-debt write-off; or a credit event."
    )
    yield f"It ends after {label['probation_days']} days without any of these."
    yield f"A question counts as defaulted when a default begins within {facts['horizon_days']} days of it."
    yield "A year that was not over is missing, never good; a customer in default is not asked about."


def _describe_champion(fact: Plain, own: Plain, name: str) -> CardPart:
    trial = fact["trial"]
    offered = ", ".join(map(name_model, trial["offered"]))
    chosen = f"chosen on {trial['rows_predicted_forward']:,} questions predicted out of time before the cutoff"
    lines = [f"Champion: {name_model(own['champion'])}, of {offered}; {chosen}."]
    for duel in trial["duels"]:
        gain = {"value": duel["log_loss_gain"], "low": duel["low"], "high": duel["high"]}
        said = "replaced" if duel["is_won"] else "did not replace"
        lines.append(
            f"{name_model(duel['challenger'])} {said} {name_model(duel['champion'])}: log loss lower by "
            f"{format_interval(gain, digits=4)}."
        )
    figures = tuple(
        (
            f"baseline: {name_model(said['model'])}" if said["is_baseline"] else name_model(said["model"]),
            *(format_figure(said[key]) for key in ("gini", "brier", "log_loss", "calibration_slope")),
        )
        for said in own["models"]
    )
    title = f"{name.capitalize()} model: champion and candidates"
    head = ("after the cutoff", "Gini", "Brier", "log loss", "slope") if figures else ()
    return CardPart(title, tuple(lines), head, figures)


def _list_assumptions(facts: Plain) -> Iterator[str]:
    yield "What was learnt from past years holds for the next one: the same kinds of customers, terms and collections."
    yield _CYCLES[facts["cycle"]]
    losses = facts["losses"]
    yield (
        f"What comes back later than {losses['default_days']:,} days after a default, or {losses['write_off_days']:,} "
        f"after a write-off, is lost; what comes back is discounted at {format_share(losses['discount_rate'])} a year."
    )
    for name in ("given_default", "given_write_off"):
        if name in losses:
            cases = losses[name]["cases"]
            said = f"learnt from {cases:,} cases" if cases else f"assumed: {format_share(losses['assumed_share'])}"
            yield f"Loss {name.replace('_', ' ')}: {said}."


def _list_limits(report: Plain) -> Iterator[str]:
    for check in report["verdict"]["checks"]:
        if check["result"] != "passed":
            found, asked = describe_check(check)
            said = f"{found}, {asked} is asked for" if check["result"] == "failed" else "not measurable here"
            yield f"{check['model']}: {CHECKS[check['name']]}: {said}."
    limits = report["facts"]["limits"]
    for name, own in report["validation"]["models"].items():
        yield f"{name}: tested on {own['customers']:,} customers, {own['defaults']:,} of them in default within a year."
        low = [
            f"{said['segment']}: {said['group']}"
            for said in own["segments"]
            if said["jeffreys"] is not None and said["jeffreys"] < limits["grade_p_at_least"]
        ]
        if low:
            groups = f"{len(low)} of {len(own['segments'])} groups"
            yield f"{name}: more defaulted than predicted in {groups}: {'; '.join(low)}."
        moved = [said["feature"] for said in own["feature_psi"] if (said["psi"] or 0) > limits["feature_shift_at_most"]]
        if moved:
            yield f"{name}: moved since the training: {', '.join(moved)}."
        if unseen := own["unseen_customers"]:
            pair = (format_figure(unseen[key]["gini"]) for key in ("fitted_on_others", "model"))
            yield "{}: Gini {} when fitted on other customers alone, {} as it is.".format(name, *pair)
    yield from LIMITS


def _list_triggers(limits: Plain) -> Iterator[str]:
    yield f"The score's stability index (PSI) against the training exceeds {limits['score_shift_at_most']}."
    yield f"A feature's exceeds {limits['feature_shift_at_most']}: look at its feed."
    yield (
        f"Of matured outcomes fewer than {format_share(limits['grades_passed_at_least'], digits=0)} of the grades have "
        f"a p-value of Jeffreys' test of at least {limits['grade_p_at_least']}."
    )
    yield (
        f"With at least {limits['defaults_at_least']} defaults the calibration slope leaves "
        f"{limits['slope_at_least']} to {limits['slope_at_most']}."
    )
    yield f"The log loss is not at least {limits['log_loss_gain_at_least']} below that of the best baseline."


def _describe_verdict(verdict: Plain) -> CardPart:
    rows = tuple(
        (f"{check['model']}: {CHECKS[check['name']]}", *describe_check(check), check["result"])
        for check in verdict["checks"]
    )
    said = "passed: no check failed" if verdict["passed"] else "not passed"
    return CardPart("Verdict", (f"Validation {said}.",), ("", "found", "asked for", "result"), rows)

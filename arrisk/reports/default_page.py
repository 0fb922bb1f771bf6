"""The validation of a default model as a page that a person can read, with the model's card."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from arrisk.reports import default_tables as tables
from arrisk.reports.backtest_charts import describe_reason_shares, render_reason_chart
from arrisk.reports.backtest_tables import RISK, format_interval, tabulate_reasons
from arrisk.reports.default_card import render_card, write_card
from arrisk.reports.default_charts import describe_bridge, describe_grades, render_bridge_chart, render_grade_chart
from arrisk.reports.default_texts import CHECKS, DEFINITIONS, LIMITS
from arrisk.reports.html import (
    format_figure,
    format_share,
    make_list,
    make_page,
    make_paragraph,
    make_section,
    make_terms,
)
from arrisk.reports.page_files import Picture, write_files
from arrisk.reports.reliability import Words, describe_reliability, render_reliability_chart

QUESTIONS = Words("questions", "in default", "came into default")


@dataclass(frozen=True)
class DefaultEvidence:
    """The frames behind the pictures, by model; what is empty is left out of the page.

    Parameters
    ----------
    reliability : as given by ``bin_reliability``.
    parts, facts : the explained questions: their reasons in logits, and their features.
    """

    reliability: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    parts: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    facts: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def write_validation(report: Mapping[str, Any], evidence: DefaultEvidence) -> dict[str, bytes]:
    """Write the page and what goes with it.

    Parameters
    ----------
    report : as given by ``backtest_default`` with a report: plain data.
    evidence : the frames behind the pictures.

    Returns
    -------
    dict
        Files by name: index.html, card.md, report.json, and each picture as SVG and PNG.

    Raises
    ------
    InputError
        When matplotlib is not installed.
    """
    pictures = list_pictures(report, evidence)
    files = write_files(pictures, report, render=lambda figures: render_page(report, figures))
    return {**files, "card.md": write_card(report).encode()}


def list_pictures(report: Mapping[str, Any], evidence: DefaultEvidence) -> dict[str, Picture]:
    """List the pictures that can be drawn, by the name of their files."""
    found: dict[str, Picture] = {}
    for name, own in report["validation"]["models"].items():
        if name in evidence.reliability:
            found[f"{name}_reliability"] = _picture_reliability(evidence.reliability[name])
        if own["grades"]:
            said = describe_grades(own["grades"])
            draw = partial(render_grade_chart, own["grades"])
            caption = "Each customer once. A grade without a default has no observed point; its posterior mean stands."
            found[f"{name}_grades"] = Picture(draw, f"Default rates by grade: {said}.", caption)
        if own["reasons"]["reasons"]:
            found[f"{name}_reasons"] = _picture_reasons(own["reasons"], evidence.parts[name], evidence.facts[name])
    if bridge := report.get("bridge"):
        draw = partial(render_bridge_chart, bridge)
        found["bridge"] = Picture(draw, f"Steps between two expected losses: {describe_bridge(bridge)}.", "")
    return found


def render_page(report: Mapping[str, Any], figures: Mapping[str, str]) -> str:
    """Write the page as HTML that needs nothing beside it.

    Parameters
    ----------
    report : as ``write_validation`` takes it.
    figures : the pictures as HTML, by the names that ``list_pictures`` gives.
    """
    validation, verdict = report["validation"], report["verdict"]
    migration = tables.tabulate_counts(validation["migration"], key="from", head="grade at the cutoff, a year later")
    parts = [
        make_paragraph(_describe_test(report)),
        make_paragraph(_answer(report), role="answer"),
        make_section("Verdict", tables.tabulate_checks(verdict["checks"])),
        *(_show_model(report, name, figures) for name in validation["models"]),
        make_section("From grade to grade in a year", make_paragraph(_describe_migration(validation)), migration),
        make_section("Two expected losses, reconciled", *_show_bridge(report.get("bridge"), figures)),
        make_section("Model card", *render_card(report)),
        make_section("What the words mean", make_terms(DEFINITIONS)),
        make_section("How far this can be trusted", make_list(LIMITS)),
    ]
    return make_page(f"Validation of default within a year: {report['ledger']}", parts)


def _describe_test(report: Mapping[str, Any]) -> str:
    said = (
        f"Cutoff {report['cutoff']}. Fitted on {report['rows_train']:,} questions about customers with a history, "
        f"whose year was over before that day; {report['rows_predicted']:,} questions were predicted from it on. "
    )
    if not report["rows_test"]:
        return said + "No year from the cutoff on is over at the end of the extract: outcomes cannot be judged yet."
    return said + f"Tested are the {report['rows_test']:,} whose year is over at the end of the extract."


def _answer(report: Mapping[str, Any]) -> str:
    """Answer first: passed or not and why, then how well each model ranks."""
    checks = report["verdict"]["checks"]
    failed = [f"{check['model']}: {CHECKS[check['name']]}" for check in checks if check["result"] == "failed"]
    open_ = sum(check["result"] == "not measurable" for check in checks)
    said = "The validation is passed." if not failed else f"The validation is not passed. Failed: {'; '.join(failed)}."
    if open_:
        said += f" {open_} of {len(checks)} checks could not be measured."
    for name, own in report["validation"]["models"].items():
        if own["rows"] and not own["defaults"]:
            said += f" {name.capitalize()}: none of {own['customers']:,} customers came into default within the year."
        elif own["rows"]:
            gini = format_interval(own["figures"]["gini"])
            said += f" {name.capitalize()} model ({tables.name_model(own['champion'])}): Gini {gini}."
    return said


def _show_model(report: Mapping[str, Any], name: str, figures: Mapping[str, str]) -> str:
    own, limits = report["validation"]["models"][name], report["facts"]["limits"]
    shifts = tables.tabulate_shifts(own["feature_psi"], limit=limits["feature_shift_at_most"])
    score = f"The score itself: PSI {format_figure(own['score_psi'])}. The features that moved most:"
    grades = tables.tabulate_counts(own["card_grades"], key="card", head="grade of the card, of the champion")
    sections = [
        ("Candidates and baselines", [tables.tabulate_models(own)]),
        (
            "Does it happen as often as predicted?",
            [figures.get(f"{name}_reliability", ""), *_show_tests(own), tables.tabulate_deciles(own["deciles"])],
        ),
        ("By grade", [figures.get(f"{name}_grades", ""), tables.tabulate_grades(own["grades"])]),
        ("By segment", [tables.tabulate_segments(own["segments"])]),
        ("Customers it did not learn from", [tables.tabulate_unseen(own["unseen_customers"])]),
        ("What moved since the training", [make_paragraph(score), shifts]),
        ("The card beside the champion", [_describe_card(own), grades]),
        (
            "What moves the score",
            [figures.get(f"{name}_reasons", ""), tabulate_reasons(own["reasons"]["reasons"], ways=RISK)],
        ),
    ]
    shown = [make_section(title, *parts, level=3) for title, parts in sections]
    return make_section(f"{name.capitalize()} model", make_paragraph(_describe_tested(own)), *shown)


def _describe_tested(own: Mapping[str, Any]) -> str:
    champion = f"Champion: {tables.name_model(own['champion'])}."
    if not own["rows"]:
        return f"{champion} No outcome can be judged yet; what moved and what moves scores needs none."
    return (
        f"{champion} Tested on {own['rows']:,} questions about {own['customers']:,} customers, {own['defaults']:,} of "
        "whom came into default within a year of the first question about them."
    )


def _show_tests(own: Mapping[str, Any]) -> Iterator[str]:
    tests = own["tests"]
    if not tests:
        return
    lemeshow, spiegelhalter = tests["hosmer_lemeshow"], tests["spiegelhalter"]
    shares = [format_share(tests[name], digits=2) for name in ("p_default", "default_rate", "posterior_mean")]
    levels = "Each customer once: {} predicted, {} observed, posterior mean {}".format(*shares)
    z, chi_square = format_figure(spiegelhalter["z"], digits=2), format_figure(lemeshow["statistic"], digits=1)
    lemeshow_said = (
        f"Hosmer and Lemeshow: {chi_square} with {lemeshow['degrees']} degrees of freedom, as many as groups, because "
        f"none of these questions was fitted on; p {format_figure(lemeshow['p_value'])}."
    )
    yield make_list(
        [
            f"{levels}; p of Jeffreys' test {format_figure(tests['jeffreys'])}.",
            f"Spiegelhalter: z {z}, p {format_figure(spiegelhalter['p_value'])}.",
            lemeshow_said,
        ]
    )


def _describe_card(own: Mapping[str, Any]) -> str:
    if not own["card_grades"]:
        return make_paragraph("There was too little to learn from for a scorecard.")
    if own["card_rank_correlation"] is None:
        return make_paragraph("The champion ranks nobody, so that there is no rank correlation with the scorecard.")
    said = f"Rank correlation (Spearman) of the scorecard with the champion: {own['card_rank_correlation']:.3f}."
    return make_paragraph(said)


def _describe_migration(validation: Mapping[str, Any]) -> str:
    if not validation["migration"]:
        return "The extract ends before a year after the cutoff: grades of then are not known."
    return (
        "Customers by grade as of the cutoff (rows) and a year later (columns). D: came into default within the year. "
        "left: not in the ledger any more."
    )


def _show_bridge(bridge: Mapping[str, Any] | None, figures: Mapping[str, str]) -> Iterator[str]:
    if not bridge:
        return
    yield figures.get("bridge", "")
    yield tables.tabulate_bridge(bridge)
    if bridge["written_off"] is not None:
        yield make_paragraph(
            f"Of what was open, before recoveries: {bridge['expected_written_off']:,.0f} {bridge['currency']} were "
            f"expected to be written off within the year, {bridge['written_off']:,.0f} were."
        )
    if bridge["still_open"] is not None:
        yield make_paragraph(
            f"{bridge['defaulters']:,} customers who owed something came into default within the year; "
            f"{format_share(bridge['still_open'])} of what they owed at the cutoff was still open then. The step of "
            "later sales rests on that share; with few such customers it is left out."
        )


def _picture_reliability(table: pd.DataFrame) -> Picture:
    alt = f"Chart of default within a year, predicted against observed: {describe_reliability(table, words=QUESTIONS)}."
    caption = (
        "A point on the dashed line came true as often as predicted; bars are 95 % intervals that allow for several "
        "questions about one customer."
    )
    return Picture(partial(render_reliability_chart, table, words=QUESTIONS), alt, caption)


def _picture_reasons(summary: Mapping[str, Any], parts: pd.DataFrame, values: pd.DataFrame) -> Picture:
    reasons = summary["reasons"]
    caption = (
        f"{summary['rows']:,} questions from the cutoff on, one dot each. These are the parts of the score; with the "
        f"starting value ({format_figure(summary['starting_value'], digits=2)}) they sum to its logit. Beside a reason "
        "stands the mean size of its parts. Blue: a low value, orange: a high one, grey: none."
    )
    draw = partial(render_reason_chart, reasons, parts, values, right="more likely to default")
    return Picture(draw, f"One dot per question and reason: {describe_reason_shares(reasons)}.", caption)

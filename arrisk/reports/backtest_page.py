"""A backtest as a page that a person can read: what was tried, the answer, and how far it can be trusted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from arrisk.reports import backtest_tables as tables
from arrisk.reports.backtest_charts import (
    describe_ageing_of_calibration,
    describe_reason_shares,
    render_ageing_of_calibration,
    render_reason_chart,
)
from arrisk.reports.backtest_texts import DEFINITIONS, LIMITS
from arrisk.reports.curve_comparison import describe_curves, render_curve_chart
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
from arrisk.reports.reliability import describe_reliability, render_reliability_chart

_FEW_ROWS, _FEW_LATE = 1_000, 50


@dataclass(frozen=True)
class Evidence:
    """Small frames behind the pictures; what is empty is left out of the page.

    Parameters
    ----------
    reliability : by probability, such as p_late: as given by ``measure_reliability``.
    curves : by what the invoices are grouped by: as given by ``compare_curves``.
    parts, values : the explained rows: their reasons in logits, and their features.
    """

    reliability: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    curves: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    parts: pd.DataFrame = field(default_factory=pd.DataFrame)
    values: pd.DataFrame = field(default_factory=pd.DataFrame)


def write_backtest(report: Mapping[str, Any], evidence: Evidence) -> dict[str, bytes]:
    """Write the page and what goes with it.

    Parameters
    ----------
    report : as given by ``backtest_payment``: plain data. Beside what a backtest always gives it may have ``timing``,
        ``integrated_brier``, ``calibration_ageing`` (of p_late, as given by ``report_ageing``), ``origins`` (as given
        by ``summarise_origins``) and ``reasons`` (as given by ``describe_reasons``).
    evidence : the frames behind the pictures.

    Returns
    -------
    dict
        Files by name: index.html, report.json, and each picture as SVG and PNG.

    Raises
    ------
    InputError
        When matplotlib is not installed.
    """
    pictures = list_pictures(report, evidence)
    return write_files(pictures, report, render=lambda figures: render_page(report, evidence, figures))


def list_pictures(report: Mapping[str, Any], evidence: Evidence) -> dict[str, Picture]:
    """List the pictures that can be drawn, by the name of their files."""
    return {
        **{f"reliability_{name}": _picture_reliability(name, table) for name, table in evidence.reliability.items()},
        **{
            f"curves_{place}": _picture_curves(name, table)
            for place, (name, table) in enumerate(evidence.curves.items(), start=1)
        },
        **_picture_ageing(report.get("calibration_ageing", {})),
        **_picture_reasons(report.get("reasons", {}), evidence),
    }


def render_page(report: Mapping[str, Any], evidence: Evidence, figures: Mapping[str, str]) -> str:
    """Write the page as HTML that needs nothing beside it.

    Parameters
    ----------
    report, evidence : as ``write_backtest`` takes them.
    figures : the pictures as HTML, by the names that ``list_pictures`` gives.
    """
    depths = tables.tabulate_groups(report, "by_history_depth", head="settled invoices at issue")
    deciles = tables.tabulate_groups(report, "by_amount_decile", head="decile, 10 = largest")
    reasons, ageing, origins = (report.get(name, {}) for name in ("reasons", "calibration_ageing", "origins"))
    parts = [
        make_paragraph(_describe_test(report)),
        make_paragraph(_answer(report), role="answer"),
        make_section("Candidates and baselines", tables.tabulate_models(report), tables.tabulate_integrated(report)),
        make_section("Does it happen as often as predicted?", *_show_reliability(evidence, figures)),
        make_section("Do the curves hold?", *_show_curves(evidence, figures)),
        make_section("When it is paid", _describe_timing(report), tables.tabulate_timing(report)),
        make_section("How the calibration ages", figures.get("calibration_ageing", ""), tables.tabulate_ageing(ageing)),
        make_section("By what is known of the customer", depths),
        make_section("By amount", deciles),
        make_section("Weighted by amount", tables.tabulate_amounts(report)),
        make_section("Several cutoffs", _describe_origins(origins), tables.tabulate_origins(origins)),
        make_section(
            "What moves the score", figures.get("reasons", ""), tables.tabulate_reasons(reasons.get("reasons", []))
        ),
        make_section("What the words mean", make_terms(DEFINITIONS)),
        make_section("How far this can be trusted", make_list([*_warn(report), *LIMITS])),
    ]
    return make_page(f"Backtest of late payment: {report.get('ledger', 'a ledger')}", parts)


def _describe_test(report: Mapping[str, Any]) -> str:
    return (
        f"Cutoff {report['cutoff']}. Fitted on {report['rows_train']:,} invoices by what was known before that day; "
        f"tested on {report['rows_test']:,} invoices issued on or after it, each as of its own issue, whose outcome is "
        f"complete at the end of the extract. {format_share(report['base_rate'])} of them were paid late."
    )


def _answer(report: Mapping[str, Any]) -> str:
    """Answer in two sentences: how good, and how much better than what anybody could do."""
    intervals, champion = report["intervals"], report["champion"]
    others = [
        f"{format_figure(said['log_loss'])} for the {tables.name_model(name)}"
        for name, said in report["baselines"].items()
        if said.get("log_loss") is not None
    ]
    own = tables.format_interval(intervals.get("log_loss") or {"value": None})
    first = f"The champion, {tables.name_model(champion)}, has a log loss of {own}, against {' and '.join(others)}."
    gains = [
        (f"over the {tables.name_model(name)} is {tables.format_interval(gain)}", gain["low"])
        for name in report["baselines"]
        if (gain := intervals.get(f"log_loss_gain_over_{name}")) and gain.get("low") is not None
    ]
    if not gains:
        return f"{first} There are too few invoices to say how much better that is."
    clear = "clear of zero" if all(low > 0 for _, low in gains) else "not everywhere clear of zero"
    return f"{first} Its gain {' and '.join(said for said, _ in gains)}, {clear} (95 % intervals)."


def _picture_reliability(name: str, table: pd.DataFrame) -> Picture:
    target = tables.name_target(name)
    alt = f"Chart of {target}, predicted against observed: {describe_reliability(table)}."
    caption = (
        f"{target.capitalize()}. A point on the dashed line came true as often as predicted; bars are 95 % intervals "
        "that allow for the likeness of invoices of one customer."
    )
    return Picture(partial(render_reliability_chart, table), alt, caption)


def _show_reliability(evidence: Evidence, figures: Mapping[str, str]) -> list[str]:
    return [
        figures[f"reliability_{name}"] + tables.tabulate_reliability(table)
        for name, table in evidence.reliability.items()
    ]


def _picture_curves(name: str, table: pd.DataFrame) -> Picture:
    alt = f"Curves of the share paid by days past due, by {name}: {describe_curves(table)}."
    caption = (
        f"By {name}. Predicted: the mean of the invoices' curves as of their issue. Observed: the cumulative incidence "
        "of payment beside writing off (Aalen-Johansen), in which an open invoice counts as long as it was followed."
    )
    return Picture(partial(render_curve_chart, table), alt, caption)


def _show_curves(evidence: Evidence, figures: Mapping[str, str]) -> list[str]:
    return [
        figures[f"curves_{place}"] + tables.tabulate_curves(table)
        for place, table in enumerate(evidence.curves.values(), start=1)
    ]


def _describe_timing(report: Mapping[str, Any]) -> str:
    timing = report.get("timing")
    if not timing:
        return ""
    days, intervals = timing.get("window_days"), timing.get("intervals", {})
    if not timing["rows"]:
        return make_paragraph(f"No tested invoice was paid and followed for {days} days past due: too early to judge.")
    followed = f" and followed for {days} days past due" if days else ""
    said = (
        f"Measured on invoices that were paid{followed}: how many days the median was off, and how often the payment "
        "fell between the days p10 and p90, which is right at 80 %."
    )
    if intervals.get("mae_median_days", {}).get("low") is not None:
        off, within = (tables.format_interval(intervals[name], digits=2) for name in ("mae_median_days", "coverage"))
        said += f" With 95 % intervals, the champion is off by {off} days, and {within} of the payments fall between."
    return make_paragraph(said, role="quiet")


def _picture_ageing(ageing: Mapping[str, Any]) -> dict[str, Picture]:
    if not ageing.get("periods"):
        return {}
    alt = f"Late shares by month of issue: {describe_ageing_of_calibration(ageing)}."
    caption = "Late shares of the invoices issued in each month after the cutoff; the model was not fitted again."
    return {"calibration_ageing": Picture(partial(render_ageing_of_calibration, ageing), alt, caption)}


def _describe_origins(origins: Mapping[str, Any]) -> str:
    cutoffs = [str(cutoff) for cutoff in origins.get("cutoffs", [])]
    said = f"Mean and range over {len(cutoffs)} cutoffs: {', '.join(cutoffs)}."
    return make_paragraph(said, role="quiet") if cutoffs else ""


def _picture_reasons(summary: Mapping[str, Any], evidence: Evidence) -> dict[str, Picture]:
    reasons = summary.get("reasons", [])
    if not reasons or not len(evidence.parts):
        return {}
    caption = (
        f"{summary['rows']:,} invoices issued after the cutoff, one dot each. These are the reasons that scores are "
        f"served with; with the starting value ({format_figure(summary['starting_value'], digits=2)}) they sum to the "
        f"logit of {summary['target']}. Beside a reason stands the mean size of its parts. Blue: a low value, orange: "
        "a high one, grey: none."
    )
    draw = partial(render_reason_chart, reasons, evidence.parts, evidence.values)
    return {"reasons": Picture(draw, f"One dot per invoice and reason: {describe_reason_shares(reasons)}.", caption)}


def _warn(report: Mapping[str, Any]) -> Iterator[str]:
    if report["rows_test"] < _FEW_ROWS:
        yield f"Only {report['rows_test']:,} invoices were tested: look at the intervals before the figures."
    for name, part in tables.list_horizons(report).items():
        late = round(part["rows_test"] * (part["base_rate"] or 0))
        if late < _FEW_LATE:
            target = tables.name_target(name).capitalize()
            yield f"{target}: only {late} of {part['rows_test']:,} tested invoices; these measures are rough."

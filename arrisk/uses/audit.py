"""The use case of the auditor pack: all that stands behind a close, so that every rate can be made again."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from arrisk import pipeline
from arrisk.allowance.assessments import from_plain
from arrisk.allowance.closes.document import Period
from arrisk.allowance.closes.entities import take_entity
from arrisk.allowance.closes.states import Close
from arrisk.allowance.cover import show_cover
from arrisk.allowance.estimates import Allowance, Estimate
from arrisk.allowance.overlays import apply_overlays
from arrisk.errors import InputError
from arrisk.ingest.atomic import atomic_folder
from arrisk.money import exponent
from arrisk.pipeline import Tell, silent
from arrisk.policy import Policy
from arrisk.reports.allowance_chart import describe_buckets, render_allowance_chart
from arrisk.reports.audit_pack import Pack, Table, describe_pack
from arrisk.reports.audit_page import render_page
from arrisk.reports.audit_workbook import render_workbook
from arrisk.reports.charts import describe_ageing, render_ageing_chart
from arrisk.reports.drawing import require_plots
from arrisk.reports.page_files import Picture, write_files
from arrisk.schema import Book
from arrisk.uses import audit_tables as tables
from arrisk.uses import closing, reserve
from arrisk.uses.audit_items import MOST_ITEMS, list_items, show_items, show_rates, write_items
from arrisk.uses.audit_proof import prove_allowance
from arrisk.uses.provenance import UNSAVED

OWN = ("matrix", "roll-rate")
"""The methods that need no model, and are always shown."""


@dataclass(frozen=True)
class Made:
    """A close made again.

    Parameters
    ----------
    evidence : what all methods look at.
    allowances : by method, complete; that of the close first.
    plain, weighted : what each method expects of each item of the whole book, before and after scenarios.
    assessments : of single customers.
    """

    evidence: reserve.Evidence
    allowances: Mapping[str, Allowance]
    plain: Mapping[str, Estimate]
    weighted: Mapping[str, Estimate]
    assessments: pd.DataFrame


def write_pack(book: Book, close: Close, folder: Path, *, home: Path, policy: Policy, tell: Tell = silent) -> None:
    """Write the auditor pack of a close as a folder that appears whole or not at all.

    The close is made again from the ledger as of its day, and has to come out as it was drafted, to the cent.

    Parameters
    ----------
    book : the whole book; later rows than those of the close change nothing.
    close : in any state.
    folder : must not exist, or be empty.
    home : where saved models are looked for.
    policy : that of the close.

    Raises
    ------
    InputError
        When data or policy are others than those of the close, it does not come out the same, or matplotlib is not
        installed.
    OutputError
        When the folder cannot be written.
    """
    require_plots()
    with atomic_folder(folder) as partial_folder:
        made = make_again(book, close, home=home, policy=policy, tell=tell)
        pack = describe(book, close, made, home=home, policy=policy, tell=tell)
        tell("Writing the pack")
        for name, content in _write_files(pack, made.allowances[str(close.document["method"])]).items():
            (partial_folder / name).write_bytes(content)


def make_again(book: Book, close: Close, *, home: Path, policy: Policy, tell: Tell) -> Made:
    """Make the allowance of a close again, with the other methods beside it.

    Raises
    ------
    InputError
        As ``write_pack`` does.
    """
    document, end = close.document, close.period_end
    inputs = closing.describe_inputs(book, end, policy)
    changed = closing.list_changes(close, {name: inputs[name] for name in ("data", "policy")})
    if changed:
        what = f"{close.name} was drafted from another {' and '.join(changed)} than now"
        raise InputError(what, hint="the policy and the ledger of then; nothing known later may have changed the past")
    if document["basis"]["assessments"] and "assessments" not in document:
        raise InputError(f"{close.name} does not hold its assessments", hint="draft it again")
    method, model = str(document["method"]), str(document["basis"]["model"])
    as_of = Period("", end).as_of
    evidence = reserve.gather_evidence(
        book,
        as_of=as_of,
        age_on=end,
        policy=policy,
        home=None if model == UNSAVED else home,
        model_name=model if model not in {"", UNSAVED} else None,
        tell=tell,
    )
    has_model = model or pipeline.find_model(home, ledger=book.name, as_of=as_of, name=None)
    names = list(dict.fromkeys([method, *OWN, *(["model"] if has_model else [])]))
    assessments = from_plain(document.get("assessments", ()))
    allowances, plain, weighted = {}, {}, {}
    for name in names:
        tell(f"Making the allowance by {name} again")
        plain[name] = evidence.estimate(name)
        weighted[name] = reserve.weigh_scenarios(evidence, plain[name])
        allowances[name] = reserve.complete_allowance(
            evidence, method=name, assessments=assessments, entity=close.entity
        )
    _require_same(close, allowances[method], inputs["arrisk"])
    return Made(evidence, allowances, plain, weighted, assessments)


def _require_same(close: Close, made: Allowance, version: str) -> None:
    then_rows = list(close.document["rows"])
    names = list(then_rows[0]) if then_rows else list(made.rows)
    if made.rows[names].to_dict("records") != then_rows:
        then = close.document["basis"]["arrisk"]
        what = f"{close.name} does not come out the same: {made.total} and {close.total} of the smallest unit"
        raise InputError(what, hint=f"it was drafted by arrisk {then}, this is {version}")


def describe(book: Book, close: Close, made: Made, *, home: Path, policy: Policy, tell: Tell) -> Pack:
    """Gather all that stands behind a close."""
    document, evidence = close.document, made.evidence
    method, currency = str(document["method"]), str(document["currency"])
    decimals = exponent(currency)
    booked = made.allowances[method]
    tell("Comparing frameworks")
    both = reserve.compare_in_frameworks(evidence, method=method, assessments=made.assessments)
    tell("Moving assumptions")
    moved = reserve.move_assumptions(evidence, method=method)
    trial = prove_allowance(
        book, list(made.allowances), as_of=evidence.exposures.as_of, home=home, policy=policy, tell=tell
    )
    items = list_items(evidence.exposures, made.plain, made.weighted, made.allowances, policy=policy)
    fits = len(items) <= MOST_ITEMS
    parts: list[Table] = [
        tables.show_close(close, tables.read_manifest(home, str(document["basis"]["model"]))),
        tables.show_inputs(book, evidence.exposures.as_of),
        tables.show_record(close),
        tables.show_policy(policy),
        tables.show_ageing(booked, has_items=fits),
        tables.show_rows(booked, has_items=fits),
        *tables.show_movements(close),
        tables.show_journal(close),
        tables.show_side_by_side(made.allowances, currency),
        tables.show_method_rows(made.allowances, has_items=fits),
        *tables.show_cross_checks(reserve.cross_check(evidence), currency),
        *show_rates(made.plain, policy),
        tables.show_scenarios(booked, policy),
        tables.show_overlays(booked, policy),
        tables.show_assessments(booked, made.assessments),
        tables.show_cover(_measure_cover(made, close, policy), currency),
        tables.show_frameworks(both, currency),
        tables.show_sensitivity(moved, currency),
        tables.show_presumption(reserve.judge_presumption(evidence)),
        *tables.show_trial(trial, list(made.allowances)),
        *([show_items(items, book, made.allowances, policy)] if fits else []),
    ]
    answer = describe_buckets(booked.sum_by("bucket"), currency=currency, age_on=close.period_end)
    notes = dict.fromkeys([*map(str, document["notes"]), *tables.note_scope(book, close, both)])
    title = f"The allowance of {close.entity} on {close.period_end}: what stands behind it"
    apart = {} if fits else {"items.csv": write_items(items)}
    said = f"{answer}. The close is {close.state}."
    return Pack(title, said, currency, decimals, close.period_end, tuple(parts), tuple(notes), apart)


def _measure_cover(made: Made, close: Close, policy: Policy) -> pd.DataFrame:
    evidence, method = made.evidence, str(close.document["method"])

    def finish(allowance: Allowance) -> Allowance:
        assessed = reserve.assess_customers(evidence, allowance, made.assessments)
        own = take_entity(assessed, evidence.book, entity=close.entity, policy=policy)
        return apply_overlays(own, policy.allowance.overlays)

    return show_cover(evidence.exposures, made.weighted[method], policy=policy.allowance, finish=finish)


def _write_files(pack: Pack, booked: Allowance) -> dict[str, bytes]:
    ageing, buckets = booked.exposures.ageing, booked.sum_by("bucket")
    said = describe_buckets(buckets, currency=ageing.currency, age_on=ageing.age_on)
    draw = partial(render_allowance_chart, buckets, currency=ageing.currency, age_on=ageing.age_on)
    pictures = {
        "ageing": Picture(partial(render_ageing_chart, ageing), describe_ageing(ageing), ""),
        "allowance": Picture(draw, said, ""),
    }
    report: Mapping[str, Any] = describe_pack(pack)
    files = write_files(pictures, report, render=lambda figures: render_page(pack, figures))
    return {**files, "allowance.xlsx": render_workbook(pack), **pack.apart}

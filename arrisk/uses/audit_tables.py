"""What an auditor pack shows of a close: frames of the allowance as plain tables, amounts in major units."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from arrisk import registry
from arrisk.allowance.closes.document import describe_close
from arrisk.allowance.closes.journal import list_journal
from arrisk.allowance.closes.states import Close
from arrisk.allowance.comparison import SIDE_BY_SIDE, compare_methods
from arrisk.allowance.cross_checks import LIFE, CrossCheck
from arrisk.allowance.estimates import AMOUNTS, Allowance
from arrisk.allowance.frameworks import PARTS, Frameworks
from arrisk.allowance.individual import register_assessments
from arrisk.allowance.overlays import register_overlays
from arrisk.allowance.presumption import Presumption
from arrisk.allowance.scenarios import PERIOD_DAYS
from arrisk.frames import day_of
from arrisk.money import exponent
from arrisk.policy import Policy
from arrisk.policy.words import describe_policy
from arrisk.reports import audit_tables as tables
from arrisk.reports.audit_pack import AGAIN, Kind, Table
from arrisk.schema import Book, fingerprint_tables
from arrisk.uses.allowance_proof import AllowanceTrial

_MOVEMENT = {"opening": 1, "charge": 1, "write_offs": -1, "recoveries": 1, "fx": 1, "other": 1, "closing": 1}
_GONE = ("receipts", "credit_notes", "write_offs", "other_write_offs")
_RECEIVABLES = {"opening": 1, "sales": 1, **dict.fromkeys(_GONE, -1), "fx": 1, "closing": 1}
"""The lines of a movement with their signs; the last is the sum of the others."""

_SECTIONS = ("allowance", "ageing", "default", "losses", "collateral")


def show_inputs(book: Book, as_of: date) -> Table:
    """Show each table with what was known of it: how many rows, and their fingerprint."""
    hashes = fingerprint_tables(book, as_of_day=day_of(as_of))
    known = {name: int((book[name]["known_day"] < day_of(as_of)).sum()) for name in hashes}
    rows = [(name, known[name], one) for name, one in hashes.items()]
    frame = pd.DataFrame(rows, columns=["table", "rows", "sha256"])
    note = "Row versions known before the day; a later extract of the same ledger gives the same fingerprints."
    return tables.tabulate_words("inputs", "The ledger that it rests on", frame, note=note)


def show_close(close: Close, model_manifest: str) -> Table:
    """Show which close it is, what it rests on, and who stands for it."""
    told = describe_close(close)
    basis = {f"basis: {name}": value for name, value in close.document["basis"].items()}
    people = {name: told[name] for name in ("drafted_by", "reviewed_by", "posted_by", "reason")}
    facts = {
        **{name: told[name] for name in ("ledger", "entity", "period_end", "since", "state", "version", "currency")},
        **{name: f"{told[name]:,.{exponent(told['currency'])}f}" for name in ("total", "net_receivables")},
        "method": told["method"],
        **people,
        "document_sha256": told["document_sha256"],
        **basis,
        "model manifest sha256": model_manifest,
        **{f"exchange rate {name}": rate for name, rate in told["rates"].items()},
    }
    return tables.tabulate_facts("close", "Which close this is, and what it rests on", facts)


def read_manifest(home: Path, reference: str) -> str:
    """Read the fingerprint of a saved model's manifest; empty where there is none."""
    return registry.read_seal(registry.find_version(home, reference).folder) if "/" in reference else ""


def note_scope(book: Book, close: Close, both: Frameworks) -> list[str]:
    """Say which tables are of the whole book where a close is of one of its entities."""
    count = book["invoices"]["entity_id"].nunique()
    notes = [*both.asc326.notes]
    if count > 1:
        what = "rates, frameworks, sensitivity, cross-checks, 90 days and past closes"
        notes.append(f"of the whole book with its {count} entities are {what}; all else is of {close.entity}")
    return list(dict.fromkeys(notes))


def show_record(close: Close) -> Table:
    """Show who did what and when, with the hash of each line of the record."""
    names = ("seq", "at", "by", "action", "sha256", "previous_sha256")
    rows = [tuple(getattr(step, name, None) for name in names) for step in close.steps]
    note = "Lines of the record of closes; each holds the hash of the line before."
    frame = pd.DataFrame(rows, columns=names)
    return tables.tabulate_words("record", "Who drafted, reviewed and posted it, and when", frame, note=note)


def show_policy(policy: Policy) -> Table:
    """Show the values of the policy that the allowance follows, in words."""
    frame = describe_policy(policy, *_SECTIONS)
    return tables.tabulate_words("policy", "The policy: what was decided, not measured", frame)


def show_ageing(booked: Allowance, *, has_items: bool) -> Table:
    """Show what is open by age beside the rows of the allowance."""
    buckets = booked.exposures.ageing.buckets[["bucket", "count", "amount"]].reset_index(drop=True)
    sums = booked.rows.groupby("bucket")["gross_amount"].sum()
    own = buckets["bucket"].astype("str").map(sums).fillna(0).astype("int64")
    frame = _scale(buckets.assign(rows_amount=own), ("amount", "rows_amount"), booked.exposures.currency)
    return tables.tabulate_ageing(frame, has_items=has_items)


def show_rows(booked: Allowance, *, has_items: bool) -> Table:
    """Show what is booked by segment and bucket."""
    currency = booked.exposures.currency
    frame = _scale(booked.rows[["segment", "bucket", "count", *AMOUNTS, "rate"]], AMOUNTS, currency)
    return tables.tabulate_rows(frame, booked=booked.method, decimals=exponent(currency), has_items=has_items)


def show_movements(close: Close) -> list[Table]:
    """Show how allowance and receivables moved, and what became known too late."""
    document, currency = close.document, str(close.document["currency"])
    unit, since = 10.0 ** exponent(currency), document["since"]
    made = [
        tables.tabulate_movement(
            part,
            f"{title} since {since}",
            [
                (("" if sign > 0 else "less ") + name.replace("_", " "), sign, document[part][name] / unit)
                for name, sign in signs.items()
            ],
        )
        for part, title, signs in (
            ("movement", "The allowance", _MOVEMENT),
            ("receivables", "The receivables", _RECEIVABLES),
        )
    ]
    names = ["line", "count", "amount", "largest_item", "largest_amount"]
    late = pd.DataFrame(document["later_known"], columns=names)
    late = _scale(late, ("amount", "largest_amount"), currency)
    changed = pd.DataFrame([*document["changed_past"].items()], columns=["line", "amount"])
    title = f"Happened by {since}, known or corrected only after it: counted in this period"
    made.append(tables.tabulate_words("later known", title, late))
    if len(changed):
        title = f"What the ledger now says was known by {since} and the last close did not"
        made.append(tables.tabulate_words("changed past", title, _scale(changed, ("amount",), currency)))
    return made


def show_journal(close: Close) -> Table:
    """Show the journal entries."""
    journal = _scale(list_journal(close), ("debit", "credit"), str(close.document["currency"]))
    kinds = tables.guess_kinds(journal)
    shown = ("entry_id", "account", "role", "debit", "credit", "text")
    return Table("journal", "Journal entries", journal, kinds, sums=("debit", "credit"), shown=shown)


def show_side_by_side(allowances: Mapping[str, Allowance], currency: str) -> Table:
    """Show all methods on the same open balance."""
    frame = _scale(compare_methods(allowances), SIDE_BY_SIDE, currency)
    kinds = tables.guess_kinds(frame)
    again = {f"{AGAIN}total": "{performing}+{in_default}+{individual}+{overlays}"}
    return Table("methods", "All methods, on the same open balance; the first is booked", frame, kinds, again)


def show_method_rows(allowances: Mapping[str, Allowance], *, has_items: bool) -> Table:
    """Show each method by segment and bucket."""
    names = ["segment", "bucket", "base_amount", "allowance"]
    frame = pd.concat([one.rows[names].assign(method=name) for name, one in allowances.items()], ignore_index=True)
    currency = next(iter(allowances.values())).exposures.currency
    scaled = _scale(frame[["method", *names]], ("base_amount", "allowance"), currency)
    return tables.tabulate_methods(scaled, decimals=exponent(currency), has_items=has_items)


def show_cross_checks(checks: Sequence[CrossCheck], currency: str) -> list[Table]:
    """Show the coarse numbers beside the methods, with what goes into each."""
    unit = 10.0 ** exponent(currency)
    rows = [(check.name, None if check.total is None else check.total / unit, check.note) for check in checks]
    frame = pd.DataFrame(rows, columns=["check", "total", "note"]).astype({"total": "float64"})
    made = [tables.tabulate_words("cross-checks", "Coarse numbers beside the methods, of the whole book", frame)]
    for check in checks:
        again = _LIFE_AGAIN if check.name == LIFE else [None] * len(check.inputs)
        kinds = tables.guess_kinds(check.inputs) | {"value": "number"}
        title = f"What goes into {check.name}"
        made.append(Table(check.name, title, check.inputs, kinds, {f"{AGAIN}value": again}))
        made.append(
            tables.tabulate_words(
                f"{check.name} history", f"The history behind {check.name}", check.table, is_shown=False
            )
        )
    return made


_LIFE_AGAIN = [None, None, None, "IF({value@2}=0,0,{value@0}*365/{value@1}/{value@2})", None, None, None]
"""The annual write-off rate of what was written off, the length of the window, and the average balance."""


def show_scenarios(booked: Allowance, policy: Policy) -> Table:
    """Show what would be booked in each scenario of the economy."""
    frame = _scale(booked.scenarios, ("allowance",), booked.exposures.currency)
    note = (
        f"z is the state in the first {PERIOD_DAYS} days, in standard deviations; without a weight it is shown alone."
    )
    note += f" Asset correlation {policy.allowance.asset_correlation}."
    paths = "; ".join(f"{one.name}: {', '.join(map(str, one.z or one.path))}" for one in policy.allowance.scenarios)
    note += f" Paths: {paths}." if paths else " The policy sets no scenarios."
    return tables.tabulate_words(
        "scenarios", "Scenarios of the economy: the method's own total in each", frame, note=note
    )


def show_overlays(booked: Allowance, policy: Policy) -> Table:
    """Show the register of overlays."""
    register = register_overlays(booked, policy.allowance.overlays)
    return tables.tabulate_overlays(_scale(register, ("allowance",), booked.exposures.currency))


def show_assessments(booked: Allowance, assessments: pd.DataFrame) -> Table:
    """Show who is assessed on their own."""
    register = register_assessments(booked, assessments)
    frame = _scale(register, ("owed_amount", "allowance"), booked.exposures.currency)
    return tables.tabulate_words("individual", "Customers assessed on their own", frame)


def show_cover(cover: pd.DataFrame, currency: str) -> Table:
    """Show the allowance gross and net of cover."""
    names = ("base_amount", "gross_allowance", "cover_effect", "net_allowance")
    return tables.tabulate_cover(_scale(cover, names, currency))


def show_frameworks(both: Frameworks, currency: str) -> Table:
    """Show both frameworks, bucket by bucket."""
    names = ("ifrs9_amount", "asc326_amount", "difference", *PARTS)
    return tables.tabulate_frameworks(_scale(both.differences, names, currency), PARTS)


def show_sensitivity(moved: pd.DataFrame, currency: str) -> Table:
    """Show how assumptions move the method's own total."""
    title = "How each assumption moves the method's own total, all others staying"
    names = ("low", "base", "high")
    return Table(
        "sensitivity", title, _scale(moved, names, currency).drop(columns="unit"), dict.fromkeys(names, "amount")
    )


def show_presumption(found: Presumption) -> Table:
    """Show what became of what was late."""
    return tables.tabulate_presumption(found.rates, found.text)


def show_trial(trial: AllowanceTrial | None, methods: Sequence[str]) -> list[Table]:
    """Show past closes beside what was really lost."""
    title = "Past closes of the whole book, and what was really lost since"
    if trial is None:
        nothing = pd.DataFrame({"close_on": pd.Series(dtype="str")})
        note = "The ledger is too short: no month end has half a year before it and a year after it."
        return [tables.tabulate_words("back-test", title, nothing, note=note)]
    known = [name for name in methods if name in trial.closes]
    amounts = ("open_amount", "still_open_amount", "lost_amount", *known)
    note = "Expected by each method on the evening of the close, beside what was written off since less what came back."
    kinds: dict[str, Kind] = {**dict.fromkeys(amounts, "amount"), "close_on": "day"}
    closes = Table("back-test", title, trial.closes, kinds, note=note)
    shares: dict[str, Kind] = dict.fromkeys(("error", "other_error", "gain", "low", "high"), "rate")
    title = "How far a close is off, performing customers; 95 % of the gain lies from low to high"
    said = pd.DataFrame({"note": pd.Series(trial.notes, dtype="str")})
    return [
        closes,
        tables.tabulate_hits(trial.buckets, known),
        Table("back-test errors", title, trial.errors, shares),
        tables.tabulate_words("back-test notes", "What the methods say of past closes", said, is_shown=False),
    ]


def _scale(frame: pd.DataFrame, names: Iterable[str], currency: str) -> pd.DataFrame:
    """Give minor units in major ones, each the double nearest to the exact decimal."""
    unit = 10.0 ** exponent(currency)
    return frame.assign(
        **{name: frame[name].astype("Float64").to_numpy("float64", na_value=np.nan) / unit for name in names}
    )

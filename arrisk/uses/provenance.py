"""What a score rests on: which models, which policy, which data; written beside the scores and into each row."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from arrisk import registry
from arrisk.frames import date_of, day_of
from arrisk.ingest.outputs import write_frames
from arrisk.modeling.open_scores import Scores
from arrisk.modeling.plain_files import to_text
from arrisk.policy import Policy
from arrisk.schema import Book, fingerprint_tables
from arrisk.uses.basis import name_basis
from arrisk.uses.rating import Rating

RUN = "run.json"
"""The file beside the scores."""

UNSAVED = "fitted for this score"
"""What stands in the place of a model's reference where none was saved."""


@dataclass(frozen=True)
class Run:
    """What scores rest on.

    Parameters
    ----------
    payment_model, default_model : references, or ``UNSAVED``.
    policy_hash : of the whole policy.
    facts : all of it as plain data.
    """

    payment_model: str
    default_model: str
    policy_hash: str
    facts: dict[str, Any]


def describe_run(book: Book, scores: Scores, rated: Rating, *, as_of: date, home: Path, policy: Policy) -> Run:
    """Gather what the scores of a day rest on.

    The fingerprint is over what was known before the day: a later extract of the same ledger gives the same.
    """
    tables = fingerprint_tables(book, as_of_day=day_of(as_of))
    facts = {
        **name_basis(book, tables, policy=policy),
        "as_of": as_of.isoformat(),
        "currency": book.currency,
        "tables_sha256": tables,
        "payment_model": _describe_model(home, scores.model),
        "default_model": _describe_model(home, rated.model),
    }
    return Run(scores.model or UNSAVED, rated.model or UNSAVED, policy.hash(), facts)


def write_scores(rated: Rating, run: Run, folder: Path) -> None:
    """Write scores as a folder of two Parquet files and ``run.json``, whole or not at all.

    Raises
    ------
    OutputError
        When the folder cannot be written.
    """
    frames = {
        "invoices.parquet": _sign(rated.invoices, run.payment_model, run),
        "customers.parquet": _sign(rated.customers, run.default_model, run),
    }
    write_frames(frames, folder, texts={RUN: to_text(run.facts)})


def _sign(frame: pd.DataFrame, model: str, run: Run) -> pd.DataFrame:
    return frame.assign(model=model, policy_hash=run.policy_hash)


def _describe_model(home: Path, reference: str) -> dict[str, str]:
    if not reference:
        return {"reference": UNSAVED}
    saved = registry.find_version(home, reference)
    return {
        "reference": reference,
        "trained_as_of": date_of(saved.as_of_day).isoformat(),
        "manifest_sha256": registry.read_seal(saved.folder),
    }

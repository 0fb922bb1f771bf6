"""A saved payment curve as plain text files: written from a fitted model, read back strictly.

card.json        what it is: ledger, training range, rows, policy, metrics, versions
features.json    the feature columns, in order
drift.json       how the curve follows the times
issue/, open/    a chain each: stages.json, and one folder per stage, named by its last day past due, with model.json
                 (and model.txt for trees) and calibrator.json
manifest.json    the format's version and the SHA-256 of every other file

Nothing here touches a disk: files are texts by name.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from arrisk.errors import ModelError
from arrisk.modeling.chain import Chain, Stage
from arrisk.modeling.curves import Grid
from arrisk.modeling.drift import DriftRule
from arrisk.modeling.payment_curve import ISSUE, OPEN, PaymentCurve
from arrisk.modeling.plain_files import TRAIN_AGAIN, check_seal, dump_link, parse_link, read_json, seal, to_text
from arrisk.modeling.rows import Column

FORMAT = 2


@dataclass(frozen=True)
class Card:
    """What a saved model is, for those who load it and those who audit it.

    Parameters
    ----------
    name : what it predicts, such as ``late-payment``.
    ledger : name or fingerprint of the ledger that it was trained on.
    as_of_day : it learnt only from what was known before the start of this day.
    first_day, last_day : the first and the last day of what it learnt from: of invoices their issue, of customers the
        day as of which they were observed.
    rows, customers : how many invoices known by then, or observations of customers, of how many customers.
    base_rate : the share of the invoices due by then that was late, or of the observations that ended in default.
    policy_hash : hash of the policy sections that define labels and features.
    champions : the chosen candidate by chain and stage.
    metrics : what was measured, plain data.
    versions : the packages that fitted it.
    """

    name: str
    ledger: str
    as_of_day: int
    first_day: int
    last_day: int
    rows: int
    customers: int
    base_rate: float
    policy_hash: str
    champions: Mapping[str, str]
    metrics: Mapping[str, Any]
    versions: Mapping[str, str]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``asdict`` gave; a field too many or too few is an error."""
        return cls(**data)


@dataclass(frozen=True)
class Scorer:
    """A model together with its card."""

    model: PaymentCurve
    card: Card


def dump_scorer(scorer: Scorer) -> dict[str, str]:
    """Write a model as texts by file name.

    Returns
    -------
    dict
        Text by relative path; ``manifest.json`` holds the others' SHA-256.
    """
    model = scorer.model
    drift = model.drift.to_json() if model.drift else None
    files = {
        "card.json": to_text(asdict(scorer.card)),
        "features.json": to_text([asdict(column) for column in model.columns]),
        "drift.json": to_text({"rule": drift, "shift": model.shift}),
        **_dump_chain(model.issue, ISSUE),
        **_dump_chain(model.open, OPEN),
    }
    return seal(files, version=FORMAT)


def parse_scorer(files: Mapping[str, str]) -> Scorer:
    """Read a model from texts by file name.

    Raises
    ------
    ModelError
        When a file is missing, changed, superfluous or unreadable, or the format is of another version.
    """
    check_seal(files, version=FORMAT)
    try:
        return Scorer(_parse_model(files), Card.from_json(read_json(files, "card.json")))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the saved model cannot be understood: {error}", hint=TRAIN_AGAIN) from error


def _dump_chain(chain: Chain, folder: str) -> dict[str, str]:
    stages = [{"last_day": stage.last_day, "lost_share": stage.lost_share} for stage in chain.stages]
    files = {f"{folder}/stages.json": to_text({"stages": stages, "grid": chain.grid.to_json()})}
    for stage in chain.stages:
        files |= dump_link(stage.link, folder=f"{folder}/{stage.last_day}")
    return files


def _parse_model(files: Mapping[str, str]) -> PaymentCurve:
    columns = tuple(Column(**column) for column in read_json(files, "features.json"))
    drift = read_json(files, "drift.json")
    rule = DriftRule.from_json(drift["rule"]) if drift["rule"] else None
    return PaymentCurve(columns, _parse_chain(files, ISSUE), _parse_chain(files, OPEN), rule, float(drift["shift"]))


def _parse_chain(files: Mapping[str, str], folder: str) -> Chain:
    data = read_json(files, f"{folder}/stages.json")
    stages = tuple(
        Stage(
            int(stage["last_day"]),
            parse_link(files, folder=f"{folder}/{stage['last_day']}"),
            float(stage["lost_share"]),
        )
        for stage in data["stages"]
    )
    return Chain(Grid.from_json(data["grid"]), stages)

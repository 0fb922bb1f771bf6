"""The use cases of governance: a person lets a model score, on a report that passed, or takes that back."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from arrisk import registry
from arrisk.acts import is_same_person
from arrisk.errors import InputError, ModelError
from arrisk.frames import date_of, day_of
from arrisk.modeling.backtest import CHAMPION as PAYMENT_CHAMPION
from arrisk.modeling.default.backtest import CHAMPION as DEFAULT_CHAMPION
from arrisk.modeling.default.scorer import NAME as DEFAULT
from arrisk.modeling.describe import NAME as PAYMENT
from arrisk.modeling.plain_files import read_json
from arrisk.modeling.verdict import FAILED
from arrisk.policy import GovernancePolicy
from arrisk.store import Database, jobs

_KINDS: Mapping[str, str] = {PAYMENT_CHAMPION: PAYMENT, DEFAULT_CHAMPION: DEFAULT}
_COMMANDS: Mapping[str, str] = {PAYMENT: "arrisk backtest payment", DEFAULT: "arrisk backtest default"}


@dataclass(frozen=True)
class Person:
    """Who decides, and why.

    Parameters
    ----------
    by, reason : a name and words, neither of them empty.
    """

    by: str
    reason: str

    def __post_init__(self) -> None:
        """Refuse nobody, and no reason."""
        for name, text in (("by", self.by), ("reason", self.reason)):
            if not text.strip():
                raise InputError("a promotion needs a person and a reason", where=name, hint="a few words")
        if is_same_person(self.by, registry.BY_POLICY):
            raise InputError(f"'{self.by}' is not a person", where="by", hint="your own name")


@dataclass(frozen=True)
class Report:
    """A backtest that was written with ``--json``.

    Parameters
    ----------
    path : where it was read.
    sha256 : of the file.
    model : the name of the model that it tests.
    data : what it says.
    """

    path: Path
    sha256: str
    model: str
    data: Mapping[str, Any]


def read_report(path: Path) -> Report:
    """Read a backtest's JSON.

    Raises
    ------
    InputError
        When it is none.
    """
    try:
        content = path.read_bytes()
        data = json.loads(content)
        model = _KINDS[data["champion"]]
        return Report(path, hashlib.sha256(content).hexdigest(), model, data)
    except OSError as error:
        raise InputError(f"the report cannot be read: {error.strerror}", where=str(path)) from error
    except (ValueError, KeyError, TypeError) as error:
        hint = "the file that `arrisk backtest default --json` or `arrisk backtest payment --json` wrote"
        raise InputError("this is not the report of a backtest", where=str(path), hint=hint) from error


def check_report(
    report: Report, *, model: str, ledger: str, as_of: date, policy_hash: str | None, policy: GovernancePolicy
) -> None:
    """Refuse a report that does not speak for a model, or not in its favour.

    Parameters
    ----------
    report : the backtest.
    model, ledger : of which the model is.
    as_of : the day of its training: the report has to test what was fitted by then, and not long before.
    policy_hash : of the policy sections under which it learnt, as its card says; a report that names another is not of
        what it predicts.
    policy : how long before.

    Raises
    ------
    ModelError
        When it is of another model, ledger, policy or time, tested nothing, or failed.
    """
    where, again = str(report.path), f"`{_COMMANDS.get(model, 'arrisk backtest')} --json` on this ledger"
    if report.model != model:
        raise ModelError(f"the report is of '{report.model}', not of '{model}'", where=where, hint=again)
    if report.data.get("ledger") != ledger:
        what = f"the report is of the ledger '{report.data.get('ledger')}', not of '{ledger}'"
        raise ModelError(what, where=where, hint=again)
    tested = report.data.get("model_policy_hash", policy_hash)
    if tested != policy_hash:
        what = f"the report tests what the policy {tested} makes, the model learnt under {policy_hash}"
        raise ModelError(what, where=where, hint=f"{again}, with the policy of the training")
    age = day_of(as_of) - day_of(str(report.data.get("cutoff")))
    if not 0 <= age <= policy.report_age_days:
        first = date_of(day_of(as_of) - policy.report_age_days)
        what = f"the report's cutoff {report.data.get('cutoff')} does not fit a model trained as of {as_of}"
        raise ModelError(what, where=where, hint=f"a cutoff from {first} to {as_of}")
    if not report.data.get("rows_test"):
        raise ModelError("the report tested nothing", where=where, hint="an earlier cutoff, or a longer extract")
    _require_passed(report)


def promote(
    home: Path, model: str, *, report: Report, person: Person, at: datetime, policy: GovernancePolicy
) -> registry.Entry:
    """Let a saved model score from now on.

    Parameters
    ----------
    home : the state folder.
    model : NAME/LEDGER/VERSION, or its folder.
    report : its backtest, which has to have passed.
    person : who promotes it, and why.
    at : now.
    policy : what a report has to be.

    Raises
    ------
    ModelError
        When there is no such model, it is promoted already, or the report does not speak for it.
    """
    saved = registry.find_version(home, model)
    learnt = read_json(registry.read_files(saved), "card.json").get("policy_hash")
    trained_on = date_of(saved.as_of_day)
    check_report(report, model=saved.name, ledger=saved.ledger, as_of=trained_on, policy_hash=learnt, policy=policy)
    entry = registry.promote(home, saved, act=registry.Act(at, person.by, person.reason, report.sha256))
    registry.set_aliases(home, name=saved.name, ledger=saved.ledger)
    return entry


def roll_back(home: Path, model: str, *, person: Person, at: datetime) -> registry.Entry:
    """Let the champion before score again.

    Parameters
    ----------
    model : NAME/LEDGER.

    Raises
    ------
    ModelError
        When there is no champion, or none before it.
    """
    name, _, ledger = model.partition("/")
    entry = registry.roll_back(home, name=name, ledger=ledger, act=registry.Act(at, person.by, person.reason))
    registry.set_aliases(home, name=name, ledger=ledger)
    return entry


def find_trainer(database: Database, saved: registry.Saved) -> str | None:
    """Find who asked the service to train a version; None = nobody did, it was trained by a command."""
    before: int | None = None
    while found := jobs.list_jobs(database, before=before, kind="train", ledger=saved.ledger):
        for job in found:
            if job.result and saved.reference in _list_texts(job.result):
                return job.made_by
        before = found[-1].job_id
    return None


def _list_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _list_texts(list(value.values()))
    elif isinstance(value, list):
        for one in value:
            yield from _list_texts(one)


def _require_passed(report: Report) -> None:
    verdict = report.data.get("verdict")
    if not isinstance(verdict, dict) or not isinstance(verdict.get("passed"), bool):
        raise ModelError("the report has no verdict", where=str(report.path), hint="a report of this version of arrisk")
    if not verdict["passed"]:
        failed = [_name(check) for check in verdict.get("checks", []) if check.get("result") == FAILED]
        what = f"the report did not pass: {', '.join(failed) or 'no check is named'}"
        raise ModelError(what, where=str(report.path), hint="another model; the report says by how much it failed")


def _name(check: Mapping[str, Any]) -> str:
    return " ".join(str(check[key]) for key in ("model", "name") if key in check)

"""Which versions may score, and which is the champion: what the promotion log says.

A version that was promoted and not rolled back may score. The champion is the newest of these by the day of training,
then by version: what a score of today uses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from arrisk.errors import ModelError
from arrisk.registry.folders import TRAIN_FIRST, Saved, find_shelf, list_models, read_seal
from arrisk.registry.promotion_log import Entry, append, read_log

PROMOTE, ROLL_BACK = "promote", "roll_back"
"""What can be done."""

BY_POLICY = "policy"
"""Who promotes the first model of a ledger."""


@dataclass(frozen=True)
class Act:
    """Who promotes or rolls back, when and why.

    Parameters
    ----------
    at : when, with its time zone.
    by, reason : a person's name, and the reason in words.
    report_sha256 : of the report that a promotion rests on.
    """

    at: datetime
    by: str
    reason: str
    report_sha256: str = ""


def admit_first(home: Path, saved: Saved, *, at: datetime) -> Entry | None:
    """Promote a version where its name and ledger never had a promoted one; None where they had."""

    def draft(entries: Sequence[Entry]) -> Entry | None:
        if any(_is_of(entry, saved.name, saved.ledger) for entry in entries):
            return None
        return _draft_promotion(entries, saved, Act(at, BY_POLICY, "first model of this ledger"))

    return append(home, draft)


def promote(home: Path, saved: Saved, *, act: Act) -> Entry:
    """Let a version score.

    Raises
    ------
    ModelError
        When it may score already, or the log was changed.
    """

    def draft(entries: Sequence[Entry]) -> Entry:
        if any(entry.version == saved.version for entry in list_promoted(entries, saved.name, saved.ledger)):
            raise ModelError(f"the model '{saved.reference}' is promoted already")
        return _draft_promotion(entries, saved, act)

    return _require(append(home, draft))


def roll_back(home: Path, *, name: str, ledger: str, act: Act) -> Entry:
    """Take the champion's promotion back, so that the champion before it scores again.

    Raises
    ------
    ModelError
        When there is no champion, or none before it, or the log was changed.
    """

    def draft(entries: Sequence[Entry]) -> Entry:
        promoted = list_promoted(entries, name, ledger)
        champion = choose_champion(promoted)
        if champion is None:
            raise ModelError(f"no model '{name}/{ledger}' is promoted", hint=_list_known(entries))
        after = choose_champion([entry for entry in promoted if entry is not champion])
        if after is None:
            what = f"'{champion.reference}' is the only promoted one: there is none to go back to"
            raise ModelError(what, hint="train and promote another")
        return _follow(replace(champion, action=ROLL_BACK), act, before=champion, after=after)

    return _require(append(home, draft))


def list_promoted(entries: Sequence[Entry], name: str, ledger: str) -> list[Entry]:
    """List the promotions of a name and ledger that are in force."""
    found: dict[int, Entry] = {}
    for entry in entries:
        if _is_of(entry, name, ledger):
            found.pop(entry.version, None)
            if entry.action == PROMOTE:
                found[entry.version] = entry
    return list(found.values())


def choose_champion(promoted: Sequence[Entry]) -> Entry | None:
    """Choose the newest by the day of training, then by version."""
    return max(promoted, key=lambda entry: (entry.as_of_day, entry.version), default=None)


def find_champion(home: Path, *, name: str, ledger: str) -> Saved | None:
    """Find the model that a score of today uses; None where none is promoted."""
    return find_promoted(home, name=name, ledger=ledger, before_day=2**62)


def find_promoted(home: Path, *, name: str, ledger: str, before_day: int) -> Saved | None:
    """Find the newest promoted model of a ledger whose training ended before a day.

    Parameters
    ----------
    home : the state folder.
    name : what it predicts.
    ledger : the ledger that is scored; models of others are not considered.
    before_day : the day that is scored; a model trained as of that day or later is not considered.

    Returns
    -------
    Saved or None
        None where there is none.

    Raises
    ------
    ModelError
        When the log was changed, or the model is not what was promoted.
    """
    promoted = [entry for entry in list_promoted(read_log(home), name, ledger) if entry.as_of_day < before_day]
    entry = choose_champion(promoted)
    if entry is None:
        return None
    folder = find_shelf(home, name, ledger) / f"{entry.version:04d}"
    if read_seal(folder) != entry.model_sha256:
        what = f"the model '{entry.reference}' is not the one that was promoted"
        raise ModelError(what, where=str(folder), hint="the folder of a backup, or `arrisk rollback`")
    return Saved(name, ledger, entry.version, entry.as_of_day, folder)


def is_promoted(home: Path, saved: Saved) -> bool:
    """Say whether a version may score."""
    return any(entry.version == saved.version for entry in list_promoted(read_log(home), saved.name, saved.ledger))


def find_named(home: Path, reference: str, *, before_day: int) -> Saved:
    """Find the model that a user names, of whatever ledger.

    Parameters
    ----------
    reference : NAME/LEDGER/VERSION, promoted or not, or NAME/LEDGER for the newest promoted one that may be used for
        that day.

    Raises
    ------
    ModelError
        When there is none, or when it was trained as of that day or later.
    """
    every = list_models(home)
    promoted = {(entry.model, entry.ledger, entry.version) for entry in _list_all_promoted(read_log(home))}
    saved = [one for one in every if reference == one.reference] or [
        one
        for one in every
        if reference == f"{one.name}/{one.ledger}" and (one.name, one.ledger, one.version) in promoted
    ]
    if not saved:
        known = ", ".join(one.reference for one in every)
        raise ModelError(f"there is no model '{reference}'", hint=f"one of: {known}" if known else TRAIN_FIRST)
    usable = [one for one in saved if one.as_of_day < before_day]
    if not usable:
        raise ModelError(
            f"the model '{reference}' was trained on or after the day that is scored",
            hint="a model trained before that day, or a later day",
        )
    return max(usable, key=lambda one: (one.as_of_day, one.version))


def _draft_promotion(entries: Sequence[Entry], saved: Saved, act: Act) -> Entry:
    promoted = list_promoted(entries, saved.name, saved.ledger)
    before = choose_champion(promoted)
    own = Entry(
        action=PROMOTE,
        model=saved.name,
        ledger=saved.ledger,
        version=saved.version,
        as_of_day=saved.as_of_day,
        model_sha256=read_seal(saved.folder),
    )
    return _follow(own, act, before=before, after=choose_champion([*promoted, own]))


def _follow(own: Entry, act: Act, *, before: Entry | None, after: Entry | None) -> Entry:
    """Add to an entry who acts; ``before`` and ``after`` are the champions."""
    return replace(
        own,
        at=act.at.astimezone(UTC).isoformat(timespec="seconds"),
        by=act.by,
        reason=act.reason,
        report_sha256=act.report_sha256,
        champion_before=before.version if before else 0,
        champion=after.version if after else 0,
    )


def _list_all_promoted(entries: Sequence[Entry]) -> list[Entry]:
    kinds = sorted({(entry.model, entry.ledger) for entry in entries})
    return [entry for kind in kinds for entry in list_promoted(entries, *kind)]


def _is_of(entry: Entry, name: str, ledger: str) -> bool:
    return (entry.model, entry.ledger) == (name, ledger)


def _list_known(entries: Sequence[Entry]) -> str:
    known = ", ".join(sorted({f"{entry.model}/{entry.ledger}" for entry in entries}))
    return f"one of: {known}" if known else TRAIN_FIRST


def _require(entry: Entry | None) -> Entry:
    if entry is None:  # a draft that always gives an entry
        raise AssertionError("nothing was logged")
    return entry

"""The use case of watching: whether the models that score today still are what they were when they were trained."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from arrisk import registry
from arrisk.decisions.cases import Case
from arrisk.decisions.overrides import list_overrides
from arrisk.errors import ModelError
from arrisk.frames import day_of
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.default.scorer import NAME as DEFAULT_NAME
from arrisk.modeling.default.scorer import parse_default
from arrisk.modeling.describe import NAME
from arrisk.monitoring import (
    Check,
    State,
    check_age,
    check_calibration,
    check_defaults,
    check_feeds,
    check_overrides,
    check_shifts,
    follow_customers,
    follow_invoices,
    follow_overrides,
    observe_customers,
    observe_open_book,
)
from arrisk.pipeline import Tell, load_model, silent
from arrisk.policy import Policy
from arrisk.schema import Book
from arrisk.uses.basis import DEFAULT_SECTIONS


@dataclass(frozen=True)
class Watch:
    """What was found.

    Parameters
    ----------
    checks : one line each.
    notes : what could not be checked, and why.
    """

    checks: list[Check]
    notes: list[str]

    @property
    def fired(self) -> list[Check]:
        """What somebody has to look at."""
        return [check for check in self.checks if check.state == State.LOOK]


def watch(book: Book, *, as_of: date, home: Path, policy: Policy, cases: Iterable[Case], tell: Tell = silent) -> Watch:
    """Check the promoted models of a ledger, the decisions against their recommendations, and its feeds, as of a day.

    Parameters
    ----------
    book : a checked book.
    as_of : what was known and recorded before this day.
    home : the state folder with the models.
    policy : the limits.
    cases : what people decided, of any ledgers.

    Raises
    ------
    ModelError
        When no model of the ledger that was trained before the day is promoted, or one cannot be used.
    """
    find = {name: _find(home, name, book, as_of) for name in (NAME, DEFAULT_NAME)}
    payment, default = find[NAME], find[DEFAULT_NAME]
    if payment is None and default is None:
        what = f"no model of the ledger '{book.name}' that was trained before {as_of} is promoted"
        raise ModelError(what, hint="`arrisk train`, then `arrisk promote`")
    checks: list[Check] = []
    if payment is not None:
        tell("Watching the payment curve")
        checks.extend(_watch_payment(book, payment, as_of=as_of, policy=policy))
    if default is not None:
        tell("Watching the default model")
        checks.extend(_watch_default(book, default, as_of=as_of, policy=policy))
    tell("Watching decisions and feeds")
    checks.extend(_watch_overrides(book, cases, as_of=as_of, policy=policy))
    checks.extend(check_feeds(book, as_of=as_of, policy=policy.stale))
    missing = [f"no {name} of this ledger is promoted: it is not watched" for name, one in find.items() if one is None]
    return Watch(checks, missing)


def _find(home: Path, name: str, book: Book, as_of: date) -> registry.Saved | None:
    return registry.find_promoted(home, name=name, ledger=book.name, before_day=day_of(as_of))


def _watch_payment(book: Book, saved: registry.Saved, *, as_of: date, policy: Policy) -> Iterator[Check]:
    scorer = load_model(saved, policy=policy)
    yield check_age(saved.reference, days=day_of(as_of) - saved.as_of_day, policy=policy.watch)
    seen = observe_open_book(book, scorer.model, as_of=as_of, policy=policy)
    yield from check_shifts(saved.reference, scorer.reference, seen, policy=policy.watch)
    matured = follow_invoices(book, scorer.model, trained_day=saved.as_of_day, as_of=as_of, policy=policy)
    yield check_calibration(saved.reference, matured, policy=policy.watch)


def _watch_default(book: Book, saved: registry.Saved, *, as_of: date, policy: Policy) -> Iterator[Check]:
    scorer = parse_default(registry.read_files(saved), policy_hash=policy.hash(*DEFAULT_SECTIONS))
    yield check_age(saved.reference, days=day_of(as_of) - saved.as_of_day, policy=policy.watch)
    seen = observe_customers(book, scorer.model, as_of=as_of, policy=policy)
    yield from check_shifts(saved.reference, scorer.reference, seen, policy=policy.watch)
    matured = follow_customers(book, scorer.model, trained_day=saved.as_of_day, as_of=as_of, policy=policy)
    yield check_defaults(saved.reference, matured, policy=policy.watch)


def _watch_overrides(book: Book, cases: Iterable[Case], *, as_of: date, policy: Policy) -> Iterator[Check]:
    overrides = list_overrides(cases, ledger=book.name, before=as_of)
    episodes = list_defaults(book, as_of=as_of, policy=policy)
    for is_above in (True, False):
        own = overrides.loc[overrides["is_above"] == is_above].reset_index(drop=True)
        yield check_overrides(follow_overrides(own, episodes, as_of=as_of), is_above=is_above, policy=policy.watch)

"""The use case of trying limits on the past: what they would have held back, and what became of it in truth."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from arrisk.decisions.caps import Floats
from arrisk.decisions.compare import Outcome, compare_outcomes, match_outcomes
from arrisk.decisions.limits import recommend_limits
from arrisk.decisions.replay import Trade, find_limits, list_trade, sum_outcome
from arrisk.decisions.subjects import describe_subjects
from arrisk.errors import InputError
from arrisk.features import questions_on
from arrisk.features.sizes import read_current_limits
from arrisk.frames import day_of
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.default.asking import build_default_features
from arrisk.pipeline import Tell, silent
from arrisk.policy import Policy
from arrisk.policy.limits import LimitPolicy
from arrisk.schema import Book
from arrisk.uses.credit import assess_risks
from arrisk.uses.rating import find_default_model

REVIEW_EVERY = 30
"""Limits are reviewed every so many days of the trial."""

GIVEN, NET_WORTH, RECOMMENDED = "given", "net_worth", "recommended"

FREE = 1e3
"""An appetite at which a limit that is not zero holds nobody back."""

_NET_WORTH_SHARE = 0.1


@dataclass(frozen=True)
class Review:
    """What was known of the customers on the day of a review, and all that we were owed."""

    day: int
    subjects: pd.DataFrame
    book_amount: float


@dataclass(frozen=True)
class LimitTrial:
    """Limits tried on a past period.

    Parameters
    ----------
    outcomes : one row per rule: rule, sold_amount, sold_share (of all that was invoiced), lost_amount, loss_share (of
        what was sold), held_count, held_amount, avoided_amount and forgone_amount (margin on what was held back and
        would have been paid).
    matched : the recommended limits moved until they sell as much, or lose as much, as another rule: rule, at, gain
        (lower loss, or higher sales, as a share of the other's), low, high.
    moved : the customers whose outcome differs most between the two policies, or the policy and the limits given.
    model_note : which default model was used, and why.
    """

    outcomes: pd.DataFrame
    matched: pd.DataFrame
    moved: pd.DataFrame
    model_note: str


def try_limits(
    book: Book,
    *,
    from_on: date,
    to_on: date,
    home: Path,
    policy: Policy,
    against: Policy | None = None,
    tell: Tell = silent,
) -> LimitTrial:
    """Replay a period with the limits that a policy would have set, beside those given and 10 % of net worth.

    Limits are reviewed every ``REVIEW_EVERY`` days, each time on what was known then, with the default model that was
    known when the period began. What was held back is taken as never sold, its losses as avoided.

    Parameters
    ----------
    book : a checked book; it should reach a year beyond the period, so that losses have had their time.
    from_on, to_on : the first and the last day of the period.
    home : the state folder with the registered models.
    policy : the limits that are tried.
    against : an older policy beside it; None = none.

    Raises
    ------
    InputError
        When the period is empty, or not within the ledger.
    """
    _require_period(book, from_on, to_on)
    tell("Replaying defaults")
    episodes = list_defaults(book, as_of=to_on + timedelta(days=1), policy=policy)
    early = list_defaults(book, as_of=from_on, policy=policy)
    used = find_default_model(book, early, as_of=from_on, home=home, policy=policy, tell=tell)
    tell("Reviewing limits of the period")
    days = range(day_of(from_on), day_of(to_on) + 1, REVIEW_EVERY)
    questions = pd.concat([questions_on(book, as_of_day=day) for day in days], ignore_index=True)
    features = build_default_features(book, questions, episodes, policy=policy)
    reviews = []
    for day, rows in questions.groupby("as_of_day", sort=True).groups.items():
        own, asked = features.loc[rows].reset_index(drop=True), questions.loc[rows].reset_index(drop=True)
        risks = assess_risks(own, asked, used.model, used.losses, episodes=episodes, policy=policy)
        subjects = describe_subjects(book, asked, own, risks, policy=policy)
        reviews.append(Review(int(str(day)), subjects, float(np.maximum(subjects["open_amount"], 0.0).sum())))
    tell("Trading under each rule")
    trade = list_trade(book, from_on=from_on, to_on=to_on)
    return _compare(book, trade, reviews, policy=policy, against=against, note=used.note)


def _compare(
    book: Book, trade: Trade, reviews: list[Review], *, policy: Policy, against: Policy | None, note: str
) -> LimitTrial:
    def outcome_of(limits: Floats) -> Outcome:
        return Outcome(sum_outcome(trade, trade.walk(limits)))

    def recommended(rules: LimitPolicy, appetite: float = 1.0) -> Outcome:
        return outcome_of(set_recommended(trade, reviews, rules, appetite=appetite))

    outcomes: dict[str, Outcome] = {
        "none": outcome_of(np.full(len(trade.invoices), np.inf)),
        GIVEN: outcome_of(read_given(book, trade)),
        NET_WORTH: outcome_of(set_by_net_worth(trade, reviews, policy.limits)),
    }
    if against is not None:
        outcomes["old policy"] = recommended(against.limits)
    outcomes[RECOMMENDED] = recommended(policy.limits)
    others = {name: outcomes[name] for name in (GIVEN, NET_WORTH)}
    matched = match_outcomes(others, lambda appetite: recommended(policy.limits, appetite))
    before = outcomes.get("old policy", outcomes[GIVEN])
    return LimitTrial(
        compare_outcomes(outcomes, margin_share=policy.limits.margin_share),
        matched,
        outcomes[RECOMMENDED].list_moves(before),
        note,
    )


def set_recommended(trade: Trade, reviews: list[Review], rules: LimitPolicy, *, appetite: float = 1.0) -> Floats:
    """Set the limit that the policy recommends at each invoice.

    Parameters
    ----------
    appetite : below 1 it lowers the margin that pays for risk, so that the riskiest are sold to least; above 1 every
        limit is multiplied by it. Beyond ``FREE`` nothing but a limit of zero holds anybody back: then who has that is
        given the need, or at least the amount of a newcomer, times as much as the appetite is beyond it.
    """
    tried = rules.model_copy(update={"margin_share": rules.margin_share * min(appetite, 1.0)})
    beyond = max(appetite / FREE - 1.0, 0.0)

    def limits_of(review: Review) -> Floats:
        found = recommend_limits(review.subjects, tried, book_amount=review.book_amount)
        limit = found["recommended_limit"].to_numpy(dtype="float64") * max(appetite, 1.0)
        need = np.fmax(found["need_amount"].to_numpy(dtype="float64"), rules.starter_amount[0])
        given: Floats = np.fmax(limit, need * beyond)
        return given

    return _set(trade, reviews, limits_of, newcomer=rules.starter_amount[-1] * appetite)


def set_by_net_worth(trade: Trade, reviews: list[Review], rules: LimitPolicy) -> Floats:
    """Set 10 % of net worth; the starter amount where it is not known."""

    def limits_of(review: Review) -> Floats:
        worth = review.subjects["net_worth_amount"].to_numpy(dtype="float64")
        starter = rules.starter_amount[0]
        return np.where(np.isnan(worth), starter, np.maximum(_NET_WORTH_SHARE * worth, 0.0))

    return _set(trade, reviews, limits_of, newcomer=rules.starter_amount[0])


def _set(trade: Trade, reviews: list[Review], limits_of: Callable[[Review], Floats], *, newcomer: float) -> Floats:
    dated = [(review.day, review.subjects["customer_id"], limits_of(review)) for review in reviews]
    return find_limits(trade, dated, newcomer=np.full(len(dated), newcomer))


def read_given(book: Book, trade: Trade) -> Floats:
    """Read the limit of the ledger that held when each invoice was issued; without one nothing bounds it."""
    ids = trade.customers.iloc[trade.invoices["customer"].to_numpy()].reset_index(drop=True)
    questions = pd.DataFrame({"customer_id": ids, "as_of_day": trade.invoices["issued_day"]})
    held = read_current_limits(book, questions)
    kinds = [(held["current_limit_kind"] == kind).to_numpy(dtype=bool) for kind in ("zero", "amount")]
    return np.select(kinds, [0.0, held["current_limit"].to_numpy()], np.inf)


def _require_period(book: Book, from_on: date, to_on: date) -> None:
    issued = book["invoices"]["issued_on"]
    if from_on > to_on:
        raise InputError(f"the period ends on {to_on}, before it begins", where="--from, --to", hint="swap the days")
    if issued.empty or day_of(from_on) <= day_of(issued.min()) or to_on > book.extract_end_on:
        raise InputError(
            f"{from_on} to {to_on} is not within the ledger",
            where="--from, --to",
            hint=f"days after the first invoice and until {book.extract_end_on}",
        )

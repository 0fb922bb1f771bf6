"""The use cases of the default model: train it, and rate the customers who owe something as of a day."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from arrisk import registry
from arrisk.errors import ModelError
from arrisk.frames import day_of
from arrisk.ledger.conversion import to_book_currency
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.default.asking import train_on_customers
from arrisk.modeling.default.customers import expect_losses, list_owed, score_customers
from arrisk.modeling.default.model import DefaultModel
from arrisk.modeling.default.scorer import (
    NAME,
    describe_default,
    dump_default,
    list_default_figures,
    parse_default,
)
from arrisk.modeling.lgd.losses import Losses, fit_losses
from arrisk.modeling.open_scores import AMOUNTS, Scores, sum_by_customer
from arrisk.modeling.scorer import Card
from arrisk.money import to_decimals
from arrisk.pipeline import Tell, note_model, silent
from arrisk.policy import Policy
from arrisk.schema import Book

SECTIONS = ("default", "end", "late", "collateral", "losses")
"""The sections of the policy that say what a default is, what features mean, and what is lost."""

_AMOUNTS = (*AMOUNTS, "expected_loss")


@dataclass(frozen=True)
class Rating:
    """Scores with what comes of a default.

    Parameters
    ----------
    invoices : one row per open invoice, as scored, with expected_loss in its own currency.
    customers : one row per customer with an open invoice, as scored, with p_default_12m (missing for one in default),
        lgd, grade, expected_loss in the book currency, and the reasons of p_default_12m; those of its invoice with the
        most at stake are ``reasons_late``.
    model_note : which default model was used, and why.
    """

    invoices: pd.DataFrame
    customers: pd.DataFrame
    model_note: str


def train_rating(
    book: Book, *, as_of: date, home: Path, policy: Policy, tell: Tell = silent
) -> tuple[registry.Saved, Card]:
    """Fit the default model and the losses on what was known before a day; save, promote and log them.

    Raises
    ------
    ModelError
        When no customer had been observed for a year by then.
    """
    tell("Fitting the default model")
    episodes = list_defaults(book, as_of=as_of, policy=policy)
    training = train_on_customers(book, episodes, as_of=as_of, policy=policy)
    losses = fit_losses(book, episodes, as_of=as_of, policy=policy)
    scorer = describe_default(training, losses, ledger=book.name, policy_hash=policy.hash(*SECTIONS))
    saved = registry.save_model(home, dump_default(scorer))
    registry.promote(saved)
    champions = dict(scorer.card.champions)
    registry.track(home, saved, metrics=list_default_figures(training), settings=champions)
    return saved, scorer.card


def rate(
    book: Book,
    scores: Scores,
    *,
    as_of: date,
    home: Path,
    policy: Policy,
    model_name: str | None = None,
    count_reasons: int | None = 1000,
    tell: Tell = silent,
) -> Rating:
    """Rate the customers of scored invoices, and expect the loss on each invoice.

    Parameters
    ----------
    scores : as given by ``pipeline.score`` for the same book and day.
    home : the state folder, in which the newest promoted model of this ledger that was trained by then is looked for;
        without one it is fitted now.
    model_name : the payment curve that was named for the scores: the default model of the same ledger is used.
    count_reasons : for how many customers, those with the highest expected loss, reasons are given; None = for all.

    Raises
    ------
    ModelError
        When the saved model is unreadable, or was trained under another policy.
    """
    ledger = model_name.split("/")[1] if model_name else book.name
    episodes = list_defaults(book, as_of=as_of, policy=policy)
    model, losses, note = find_default_model(
        book, episodes, as_of=as_of, home=home, policy=policy, ledger=ledger, tell=tell
    )
    tell("Rating customers")
    expected = expect_losses(scores.items, book, losses, as_of=as_of)
    items = scores.items.assign(expected_loss=expected.round().astype("int64"))
    in_book = to_decimals(to_book_currency(items, book, amounts=_AMOUNTS, as_of=as_of), _AMOUNTS)
    lost = in_book.groupby("customer_id", as_index=False)["expected_loss"].sum()
    rated = score_customers(
        book,
        model,
        losses,
        list_owed(scores.in_book).merge(lost, on="customer_id"),
        episodes=episodes,
        as_of=as_of,
        policy=policy,
        past=scores.past,
        count_reasons=count_reasons,
    )
    summed = sum_by_customer(in_book).rename(columns={"reasons": "reasons_late"})
    customers = summed.merge(rated, on="customer_id").merge(lost, on="customer_id")
    return Rating(to_decimals(items, _AMOUNTS), customers, note)


def find_default_model(
    book: Book, episodes: pd.DataFrame, *, as_of: date, home: Path, policy: Policy, ledger: str, tell: Tell = silent
) -> tuple[DefaultModel | None, Losses, str]:
    """Find the newest promoted default model of a ledger that was trained before a day, or fit one now.

    Returns
    -------
    (DefaultModel or None, Losses, str)
        None where nothing can be learnt yet; and which model it is, in words.

    Raises
    ------
    ModelError
        When the saved model is unreadable, or was trained under another policy.
    """
    saved = registry.find_promoted(home, name=NAME, ledger=ledger, before_day=day_of(as_of))
    if saved is None:
        tell("No default model is registered for this ledger: fitting one")
        return _fit(book, episodes, as_of=as_of, policy=policy)
    scorer = parse_default(registry.read_files(saved), policy_hash=policy.hash(*SECTIONS))
    return scorer.model, scorer.losses, note_model(saved, book)


def _fit(book: Book, episodes: pd.DataFrame, *, as_of: date, policy: Policy) -> tuple[DefaultModel | None, Losses, str]:
    losses = fit_losses(book, episodes, as_of=as_of, policy=policy)
    try:
        model = train_on_customers(book, episodes, as_of=as_of, policy=policy).model
    except ModelError as error:
        return None, losses, f"no default model: {error}"
    return model, losses, f"no default model of this ledger was trained before {as_of}: one was fitted now"

"""The use case of the default model: rate the customers who owe something as of a day."""

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
from arrisk.modeling.default.scorer import NAME, parse_default
from arrisk.modeling.lgd.losses import Losses, fit_losses
from arrisk.modeling.open_scores import AMOUNTS, Scores, sum_by_customer
from arrisk.money import to_decimals
from arrisk.pipeline import Tell, note_model, silent
from arrisk.policy import Policy
from arrisk.schema import Book
from arrisk.uses.basis import DEFAULT_SECTIONS

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
    model : the saved model's reference; empty = one was fitted for these scores, or there is none.
    """

    invoices: pd.DataFrame
    customers: pd.DataFrame
    model_note: str
    model: str = ""


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
    episodes = list_defaults(book, as_of=as_of, policy=policy)
    found = find_default_model(book, episodes, as_of=as_of, home=home, policy=policy, model_name=model_name, tell=tell)
    tell("Rating customers")
    expected = expect_losses(scores.items, book, found.losses, as_of=as_of)
    items = scores.items.assign(expected_loss=expected.round().astype("int64"))
    in_book = to_decimals(to_book_currency(items, book, amounts=_AMOUNTS, as_of=as_of), _AMOUNTS)
    lost = in_book.groupby("customer_id", as_index=False)["expected_loss"].sum()
    rated = score_customers(
        book,
        found.model,
        found.losses,
        list_owed(scores.in_book).merge(lost, on="customer_id"),
        episodes=episodes,
        as_of=as_of,
        policy=policy,
        past=scores.past,
        count_reasons=count_reasons,
    )
    summed = sum_by_customer(in_book).rename(columns={"reasons": "reasons_late"})
    customers = summed.merge(rated, on="customer_id").merge(lost, on="customer_id")
    return Rating(to_decimals(items, _AMOUNTS), customers, found.note, found.reference)


@dataclass(frozen=True)
class Found:
    """The default model that is used.

    Parameters
    ----------
    model : None where nothing can be learnt yet.
    losses : what a default and a write-off cost.
    note : which one it is, and why, in words.
    reference : the saved model's; empty = one was fitted now, or there is none.
    """

    model: DefaultModel | None
    losses: Losses
    note: str
    reference: str = ""


def find_default_model(
    book: Book,
    episodes: pd.DataFrame,
    *,
    as_of: date,
    home: Path,
    policy: Policy,
    model_name: str | None = None,
    tell: Tell = silent,
) -> Found:
    """Find the newest promoted default model of the ledger that was trained before a day, or fit one now.

    Parameters
    ----------
    model_name : use this default model, also if it belongs to another ledger; of another kind of model the newest
        promoted default model of its ledger is used.

    Raises
    ------
    ModelError
        When the named model is not there, was trained later, is unreadable, or was trained under another policy.
    """
    saved = _find_saved(home, ledger=book.name, before_day=day_of(as_of), model_name=model_name)
    if saved is None:
        tell("No default model is registered for this ledger: fitting one")
        return _fit(book, episodes, as_of=as_of, policy=policy)
    scorer = parse_default(registry.read_files(saved), policy_hash=policy.hash(*DEFAULT_SECTIONS))
    return Found(scorer.model, scorer.losses, note_model(saved, book), saved.reference)


def _find_saved(home: Path, *, ledger: str, before_day: int, model_name: str | None) -> registry.Saved | None:
    if model_name is not None:
        named = registry.find_named(home, model_name, before_day=before_day)
        if named.name == NAME:
            return named
        ledger = named.ledger
    return registry.find_promoted(home, name=NAME, ledger=ledger, before_day=before_day)


def _fit(book: Book, episodes: pd.DataFrame, *, as_of: date, policy: Policy) -> Found:
    losses = fit_losses(book, episodes, as_of=as_of, policy=policy)
    try:
        model = train_on_customers(book, episodes, as_of=as_of, policy=policy).model
    except ModelError as error:
        return Found(None, losses, f"no default model: {error}")
    return Found(model, losses, f"no default model of this ledger was trained before {as_of}: one was fitted now")

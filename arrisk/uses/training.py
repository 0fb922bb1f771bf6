"""The use cases of training: fit a model on what was known before a day, save it as a new version, log it."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from arrisk import registry
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.asking import ask_at_issue, train_asked
from arrisk.modeling.default.asking import train_on_customers
from arrisk.modeling.default.scorer import describe_default, dump_default, list_default_figures
from arrisk.modeling.describe import describe_training, list_figures
from arrisk.modeling.lgd.losses import fit_losses
from arrisk.modeling.scorer import Card, dump_scorer
from arrisk.monitoring import observe_customers, observe_open_book, refer_customers, refer_open_book
from arrisk.pipeline import SECTIONS, Tell, silent
from arrisk.policy import Policy
from arrisk.schema import Book
from arrisk.uses.basis import DEFAULT_SECTIONS


def train_payment(
    book: Book, *, as_of: date, home: Path, policy: Policy, at: datetime, tell: Tell = silent
) -> tuple[registry.Saved, Card]:
    """Fit the payment curve; it waits for a person to promote it, unless policy lets the first of a ledger score.

    Parameters
    ----------
    at : now, for the log of promotions.

    Returns
    -------
    (Saved, Card)
        Where the model is, and what it is.

    Raises
    ------
    ModelError
        When no invoice was due by then.
    """
    tell("Computing features as of each invoice's issue")
    asked = ask_at_issue(book, policy=policy)
    tell("Fitting")
    training = train_asked(asked, book, as_of=as_of, policy=policy)
    scorer = describe_training(training, ledger=book.name, policy_hash=policy.hash(*SECTIONS))
    tell("Registering")
    seen = observe_open_book(book, scorer.model, as_of=as_of, policy=policy, shift=scorer.model.shift)
    files = dump_scorer(replace(scorer, reference=refer_open_book(scorer.model, seen)))
    first, figures, champions = policy.governance.first_model, list_figures(training), scorer.card.champions
    return registry.register(home, files, first_model=first, at=at, metrics=figures, settings=champions), scorer.card


def train_default(
    book: Book, *, as_of: date, home: Path, policy: Policy, at: datetime, tell: Tell = silent
) -> tuple[registry.Saved, Card]:
    """Fit the default model and the losses; it is promoted as the payment curve is.

    Raises
    ------
    ModelError
        When no customer had been observed for a year by then.
    """
    tell("Fitting the default model")
    episodes = list_defaults(book, as_of=as_of, policy=policy)
    training = train_on_customers(book, episodes, as_of=as_of, policy=policy)
    losses = fit_losses(book, episodes, as_of=as_of, policy=policy)
    scorer = describe_default(training, losses, ledger=book.name, policy_hash=policy.hash(*DEFAULT_SECTIONS))
    tell("Registering")
    seen = observe_customers(book, scorer.model, as_of=as_of, policy=policy)
    files = dump_default(replace(scorer, reference=refer_customers(scorer.model, seen)))
    first, figures, champions = policy.governance.first_model, list_default_figures(training), scorer.card.champions
    return registry.register(home, files, first_model=first, at=at, metrics=figures, settings=champions), scorer.card

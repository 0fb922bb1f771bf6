"""Scores of customers as of a day: probability of default within a year and its reasons, grade, loss given default."""

from datetime import date

import numpy as np
import pandas as pd

from arrisk.features import Past
from arrisk.frames import date_of, day_of
from arrisk.labels import find_in_default
from arrisk.ledger.defaults import CREDIT_EVENT, PAST_DUE, WRITE_OFF
from arrisk.modeling.default.adverse import WORDS, put_into_words
from arrisk.modeling.default.asking import build_default_features
from arrisk.modeling.default.model import DefaultModel
from arrisk.modeling.grades import assign_grades
from arrisk.modeling.lgd.cases import compute_covered_share
from arrisk.modeling.lgd.losses import Losses
from arrisk.policy import Policy
from arrisk.schema import Book


def score_customers(  # noqa: PLR0913 - what was trained, what is asked, and what was read of the past already
    book: Book,
    model: DefaultModel | None,
    losses: Losses,
    owed: pd.DataFrame,
    *,
    episodes: pd.DataFrame,
    as_of: date,
    policy: Policy,
    past: Past | None = None,
    count_reasons: int | None = None,
) -> pd.DataFrame:
    """Score customers who owe something.

    Parameters
    ----------
    book : a checked book.
    model, losses : as trained before that day; without a model no probability is given.
    owed : one row per customer: customer_id, currency, open_amount (int64 minor units), expected_loss.
    episodes : as given by ``list_defaults`` as of the day.
    as_of : what was known before the start of this day counts.
    policy : says what features mean, and the grades.
    past : as for ``build_features``.
    count_reasons : for how many customers, those with the highest expected loss, reasons are given; None = for all.

    Returns
    -------
    DataFrame
        One row per row of ``owed``, in its order: customer_id, p_default_12m (missing for a customer in default, who
        cannot come into it), lgd (0..1), grade, reasons, main_reason and adverse_reasons (missing where none were asked
        for or there are none; of a customer in default each says since when and why it is).
    """
    owed = owed.reset_index(drop=True)
    questions = pd.DataFrame({"customer_id": owed["customer_id"], "as_of_day": day_of(as_of)})
    in_default = find_in_default(episodes, questions)
    p = np.full(len(questions), np.nan)
    words = pd.DataFrame(index=questions.index, columns=list(WORDS), dtype="str")
    if model is not None:
        features = build_default_features(book, questions, episodes, policy=policy, past=past)
        p = np.where(in_default, np.nan, model.predict(features))
        largest = owed["expected_loss"].sort_values(ascending=False, kind="stable")
        chosen = largest.index[~in_default[largest.index]][:count_reasons]
        words.loc[chosen] = put_into_words(model, features.loc[chosen])
    words.loc[in_default] = _tell_defaults(episodes, questions.loc[in_default], policy=policy)
    covered = cover(owed, book, as_of=as_of)
    return pd.DataFrame(
        {
            "customer_id": questions["customer_id"],
            "p_default_12m": p,
            "lgd": losses.given_default.predict(covered),
            "grade": pd.Series(assign_grades(p, policy=policy.grades, in_default=in_default)).astype("str"),
        }
    ).join(words)


def _tell_defaults(episodes: pd.DataFrame, questions: pd.DataFrame, *, policy: Policy) -> pd.DataFrame:
    """Say of customers in default since when, and why, in the place of reasons."""
    begun = episodes.loc[episodes["entered_day"] < questions["as_of_day"].max()]
    last = begun.drop_duplicates("customer_id", keep="last").set_index("customer_id")
    last = last.loc[questions["customer_id"]]
    told = [
        tell_default(day, trigger, policy=policy)
        for day, trigger in zip(last["entered_day"].tolist(), last["trigger"], strict=True)
    ]
    return pd.DataFrame(dict.fromkeys(WORDS, told), index=questions.index, dtype="str")


def tell_default(day: int, trigger: str, *, policy: Policy) -> str:
    """Say since when, and why, a customer is in default."""
    why = {
        PAST_DUE: f"more than {policy.default.past_due_days} days past due",
        WRITE_OFF: "write-off of bad debt",
        CREDIT_EVENT: "insolvency or another credit event",
    }
    return f"in default since {date_of(day)}: {why[trigger]}"


def expect_losses(items: pd.DataFrame, book: Book, losses: Losses, *, as_of: date) -> pd.Series:
    """Expect the loss on each open invoice: P(written off) x loss given write-off x open amount.

    Parameters
    ----------
    items : scored items: customer_id, currency, open_amount, p_written_off.

    Returns
    -------
    Series
        Amounts in the unit of ``open_amount``, not rounded.
    """
    keys = ["customer_id", "currency"]
    owed = list_owed(items)
    share = losses.given_write_off.predict(cover(owed, book, as_of=as_of))
    own = items[keys].merge(owed[keys].assign(share=share), on=keys, how="left")["share"].to_numpy()
    return pd.Series(items["open_amount"] * items["p_written_off"] * own)


def cover(owed: pd.DataFrame, book: Book, *, as_of: date) -> pd.DataFrame:
    """Add to what is owed the share of it that valid security covers."""
    exposures = owed.assign(exposure=owed["open_amount"], start_day=day_of(as_of))
    return owed.assign(covered_share=compute_covered_share(exposures, book, as_of=as_of))


def list_owed(items: pd.DataFrame) -> pd.DataFrame:
    """Sum open items of one currency to what each customer owes: customer_id, currency, open_amount."""
    keys = ["customer_id", "currency"]
    return items.groupby(keys, as_index=False, sort=True).agg(open_amount=("open_amount", "sum"))

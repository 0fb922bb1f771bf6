"""Questions about customers as of days, with all that was known of them, and whether they came into default."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from arrisk.features import Past, build_features, questions_on
from arrisk.features.attributes import CATEGORY, PREFIX, build_categories
from arrisk.features.five_cs import FIVE_CS, build_five_cs
from arrisk.features.readings import MEAN, MEAN_ATTRIBUTE, READINGS, build_readings
from arrisk.frames import NEVER, day_of, match, visible
from arrisk.labels import find_in_default, label_default
from arrisk.modeling.default.model import HORIZON_DAYS, MOST_ROWS, DefaultTraining, Observed, train_default
from arrisk.modeling.inputs import as_column, list_inputs
from arrisk.modeling.rows import Column, Floats, Ints
from arrisk.policy import Policy
from arrisk.schema import Book

OBSERVED_EVERY = 91
"""Customers are observed every so many days back from the day of training, less a year."""

EXPERIENCE_DAYS = 1_095
"""Defaults of so many days make up the experience with an industry or a country."""

PRIOR_YEARS = 50.0
"""How many customer-years of the pool's experience are mixed into that of an industry or a country."""

EXPERIENCE = (
    Column("industry_default_rate", 1, "plain", 20.0),
    Column("country_default_rate", 1, "plain", 20.0),
    Column("past_defaults_count", 1, "log", 20.0),
)
"""What is known of the defaults of this ledger; the last is the customer's own record."""


def ask_customers(
    book: Book,
    episodes: pd.DataFrame,
    *,
    days: Sequence[int],
    policy: Policy,
    known_by: date,
    most: int | None = None,
) -> Observed:
    """Ask about every customer who is not in default, as of each of some days.

    Parameters
    ----------
    book : a checked book.
    episodes : as given by ``list_defaults`` as of ``known_by``.
    days : days since 1970-01-01.
    policy : says what features mean.
    known_by : outcomes are those known before the start of this day; a year that was not over then has none.
    most : at most so many questions, taken evenly from all; None = all.

    Returns
    -------
    Observed
        The questions in order of days, then of customers.
    """
    questions = pd.concat([questions_on(book, as_of_day=day) for day in days], ignore_index=True)
    questions = questions.loc[~find_in_default(episodes, questions)].reset_index(drop=True)
    if most is not None and len(questions) > most:
        kept = np.linspace(0, len(questions) - 1, most).astype("int64")
        questions = questions.iloc[kept].reset_index(drop=True)
    defaulted = label_default(episodes, questions, horizon_days=HORIZON_DAYS, end_day=day_of(known_by) - 1)
    features = build_default_features(book, questions, episodes, policy=policy)
    asked_day = questions["as_of_day"].to_numpy(dtype="int64")
    return Observed(features, questions["customer_id"], asked_day, defaulted)


def build_default_features(
    book: Book, questions: pd.DataFrame, episodes: pd.DataFrame, *, policy: Policy, past: Past | None = None
) -> pd.DataFrame:
    """Build all that default is predicted from: one row per question, in its order.

    Parameters
    ----------
    questions : customer_id and as_of_day.
    episodes : as given by ``list_defaults``; those that began on a question's day or later are not read.
    past : as for ``build_features``.
    """
    behaviour = build_features(book, questions, policy=policy, past=past)
    parts = [
        behaviour,
        build_five_cs(book, questions, policy=policy, behaviour=behaviour),
        build_readings(book, questions),
        build_categories(book, questions),
        measure_experience(book, episodes, questions),
    ]
    return pd.concat(parts, axis=1)


def measure_experience(book: Book, episodes: pd.DataFrame, questions: pd.DataFrame) -> pd.DataFrame:
    """Measure the defaults of each customer's industry and country, shrunk to the pool's, and its own.

    Rates are over all customers with master data on the day, whoever else is asked about: the same in training, of all,
    and in scoring, of a few. Of a customer counts what was since its first invoice, years and defaults: before that
    nobody could see any, and the rates of a young ledger would rise with its age alone.

    Parameters
    ----------
    episodes : as given by ``list_defaults``.
    questions : one row per question, with customer_id and as_of_day.

    Returns
    -------
    DataFrame
        One row per question: the columns of ``EXPERIENCE``; rates are defaults a customer-year.
    """
    parts = []
    first = book["invoices"].groupby("customer_id", sort=False)["known_day"].min()
    for day, rows in questions.groupby("as_of_day", sort=True).groups.items():
        customers = visible(book["customers"], as_of_day=int(str(day)))
        seen = customers.assign(first_day=customers["customer_id"].map(first))
        found = _measure_on(seen, episodes, questions.loc[rows, "customer_id"], day=int(str(day)))
        parts.append(found.set_axis(rows))
    empty = pd.DataFrame(columns=[column.name for column in EXPERIENCE], dtype="float64")
    return pd.concat(parts).reindex(questions.index) if parts else empty


def list_default_inputs(features: pd.DataFrame) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """List what the behaviour model reads, and what of it the application model reads.

    An applicant is known by his accounts, by what others say of him (attributes), by who he is, and by the times; all
    that comes from trading with us is left out.
    """
    known = list_inputs(map(str, features)).columns
    added = (*(as_column(feature) for feature in (*FIVE_CS.values(), *READINGS.values())), *EXPERIENCE)
    names = [str(name) for name in features]
    # A mean over reports is no column of its own where nobody has more than one report.
    means = [
        Column(name, 0, "plain", 20.0)
        for name in names
        if name.startswith(MEAN_ATTRIBUTE) and not _is_same(features, name, name.removeprefix(MEAN))
    ]
    words = [Column(name, 0, "code") for name in names if name.startswith(CATEGORY)]
    # Each feature has a part of its own: which of them are one reason is for the reasons to say.
    columns = tuple(replace(column, group="") for column in (*known, *added, *means, *words))
    applicants = tuple(column for column in columns if _is_known_before(column.name))
    return columns, applicants


def train_on_customers(book: Book, episodes: pd.DataFrame, *, as_of: date, policy: Policy) -> DefaultTraining:
    """Fit the default model on what was known before a day; ``episodes`` as given by ``list_defaults`` as of it.

    Raises
    ------
    ModelError
        When no customer had been observed for a year by then.
    """
    last, first = day_of(as_of) - HORIZON_DAYS, book["invoices"]["issued_on"].min()
    start = day_of(first) if pd.notna(first) else last
    # Before the first invoice no default could be seen; as of the day itself no year is over, which is refused.
    days = list(range(last, start, -OBSERVED_EVERY))[::-1]
    days = days or [day_of(as_of)]
    observed = ask_customers(book, episodes, days=days, policy=policy, known_by=as_of, most=MOST_ROWS)
    columns, known_before = list_default_inputs(observed.features)
    return train_default(
        observed, columns=columns, known_before=known_before, as_of_day=day_of(as_of), cycle=policy.grades.cycle
    )


_OF_APPLICANTS = (
    PREFIX,
    MEAN_ATTRIBUTE,
    CATEGORY,
    "firm_age_days",
    "employees",
    "accounts_age_days",
    "attributes_age_days",
)
_OF_TRADING = ("past_defaults_count", "usual_to_revenue", "requested_to_usual", "data_depth", "covered_")
"""How the names begin of what is known without trading, and of what among it rests on trading after all: security is
measured against what is open."""


def _is_same(features: pd.DataFrame, name: str, other: str) -> bool:
    # A weighted mean of one value is that value but for its last digits.
    return bool(np.allclose(features[name].to_numpy(), features[other].to_numpy(), rtol=1e-9, atol=0, equal_nan=True))


def _is_known_before(name: str) -> bool:
    own = (
        {column.name for column in EXPERIENCE}
        | set(FIVE_CS)
        | set(READINGS)
        | {"equity_share", "current_ratio", "net_margin"}
    )
    return name.startswith(_OF_APPLICANTS) or (name in own and not name.startswith(_OF_TRADING))


def _measure_on(customers: pd.DataFrame, episodes: pd.DataFrame, customer_ids: pd.Series, *, day: int) -> pd.DataFrame:
    entered = episodes["entered_day"].to_numpy()
    known = episodes.loc[entered < day, "customer_id"]
    place = match(customer_ids, customers["customer_id"])
    who = match(episodes["customer_id"], customers["customer_id"])
    first_day = customers["first_day"].fillna(NEVER).to_numpy(dtype="int64")
    # What counts as a default and what counts as a year begin on the same day.
    since = np.maximum(np.append(first_day, NEVER)[who], day - EXPERIENCE_DAYS)
    defaults = np.bincount(who[(since <= entered) & (entered < day)], minlength=len(customers)).astype("float64")
    years = (day - first_day).clip(0, EXPERIENCE_DAYS) / 365
    rates = {
        f"{level}_default_rate": _shrink_rates(customers[level], defaults, years, place)
        for level in ("industry", "country")
    }
    return pd.DataFrame({**rates, "past_defaults_count": customer_ids.map(known.value_counts()).fillna(0.0).to_numpy()})


def _shrink_rates(level: pd.Series, defaults: Floats, years: Floats, place: Ints) -> Floats:
    """Give each customer the defaults a year of its group, with ``PRIOR_YEARS`` of the pool mixed in."""
    code, names = pd.factorize(level)
    pool = defaults.sum() / max(float(years.sum()), 1.0)
    # A group that is not known has the pool's rate.
    own = np.append(code, -1)[place]
    events, exposure = (np.bincount(code + 1, weights=part, minlength=len(names) + 1)[1:] for part in (defaults, years))
    rates = (events + PRIOR_YEARS * pool) / (exposure + PRIOR_YEARS)
    return np.asarray(np.append(rates, pool)[own], dtype="float64")

"""The default model asked about one customer: probability, grade and reasons from its own rows, without a frame.

To the last bit what ``score_customers`` and ``explain_customers`` give for the same customer among all.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.features.catalogue import CATALOGUE
from arrisk.features.meanings import MEANINGS, NO_ACCOUNTS, explain_value, find_reason, rests_on_accounts
from arrisk.features.single.behaviour import Plan, build_behaviour, plan_behaviour
from arrisk.features.single.rows import COLUMNS, CustomerRows, find_newest
from arrisk.features.single.standing import NEEDED, build_attributes, build_means, build_standing
from arrisk.features.single.surroundings import Surroundings, read_surroundings
from arrisk.frames import visible
from arrisk.modeling.chain import Link
from arrisk.modeling.default.asking import EXPERIENCE, measure_experience
from arrisk.modeling.default.customers import tell_default
from arrisk.modeling.default.model import HISTORY, DefaultModel
from arrisk.modeling.explain import TOLERANCE, stretch_parts
from arrisk.modeling.grades import list_grades
from arrisk.modeling.logistic import to_margin
from arrisk.modeling.one_row import RowModel, Values, lay_out
from arrisk.modeling.reason_sums import sum_reasons
from arrisk.modeling.rows import Column, Floats, Ints
from arrisk.policy import Policy
from arrisk.schema import Book

Episode = tuple[int, int, str]
"""A default: its first evening, the first evening after it, and what began it."""

_COUNTRY, _INDUSTRY = (COLUMNS["customers"].index(name) for name in ("country", "industry"))


@dataclass(frozen=True)
class DefaultSurroundings:
    """What one customer's score needs of the rest of the ledger as of a day.

    Parameters
    ----------
    features : for its features.
    rates : by ``industry`` and ``country``, the experience with each, by its name.
    pool : the experience with all.
    episodes : the defaults of each customer that had one before that day, the newest last.
    """

    features: Surroundings
    rates: Mapping[str, Mapping[str, float]]
    pool: float
    episodes: Mapping[str, tuple[Episode, ...]]


def read_default_surroundings(
    book: Book, episodes: pd.DataFrame, *, as_of_day: int, policy: Policy
) -> DefaultSurroundings:
    """Read what one customer's score needs of the whole book.

    Parameters
    ----------
    book : the whole checked book.
    episodes : as given by ``list_defaults`` as of the day.
    as_of_day : days since 1970-01-01.
    policy : says what features mean.
    """
    known = visible(book["customers"], as_of_day=as_of_day)
    ids = pd.concat([known["customer_id"], pd.Series([""], dtype="str")], ignore_index=True)
    measured = measure_experience(book, episodes, pd.DataFrame({"customer_id": ids, "as_of_day": as_of_day}))
    rates = {}
    for level in ("industry", "country"):
        pairs = zip(known[level].tolist(), measured[f"{level}_default_rate"].tolist(), strict=False)
        rates[level] = {name: rate for name, rate in pairs if isinstance(name, str)}
    begun = episodes.loc[(episodes["entered_day"] < as_of_day).to_numpy()]
    columns = (begun[name].tolist() for name in ("customer_id", "entered_day", "left_day", "trigger"))
    found: dict[str, tuple[Episode, ...]] = {}
    for customer_id, *episode in zip(*columns, strict=True):
        found[customer_id] = (*found.get(customer_id, ()), tuple(episode))
    pool = float(measured[EXPERIENCE[0].name].iloc[-1])
    return DefaultSurroundings(read_surroundings(book, as_of_day=as_of_day, policy=policy), rates, pool, found)


@dataclass(frozen=True)
class Reason:
    """One business reason of a score, as ``explain_customers`` gives them: rank 1 is the strongest."""

    rank: int
    reason: str
    feature: str
    value: float
    contribution: float
    text: str


@dataclass(frozen=True)
class CustomerScore:
    """The score of one customer.

    Parameters
    ----------
    p_default_12m : of default within a year; None for one that is in default.
    grade : of the policy's scale.
    starting_value, margin : the logit before anything is known of it, and of its probability; None as above.
    reasons : contributions sum from the one to the other.
    in_default : since when and why it is in default; empty = it is not.
    """

    p_default_12m: float | None
    grade: str
    starting_value: float | None
    margin: float | None
    reasons: tuple[Reason, ...]
    in_default: str = ""


@dataclass(frozen=True)
class _LaidOut:
    """One of the two models.

    Parameters
    ----------
    row, link : the model and its calibrator.
    reasons : the names of the business reasons.
    place, place_without : the reason of each part, with and without annual accounts.
    expected, usual : in which direction each feature with a part raises the risk, and its usual value.
    of_accounts : the features that rest on annual accounts.
    """

    row: RowModel
    link: Link
    reasons: tuple[str, ...]
    place: Ints
    place_without: Ints
    expected: Floats
    usual: Floats
    of_accounts: tuple[str, ...]


class SingleScorer:
    """A default model laid out for one customer at a time; threads may share it.

    Parameters
    ----------
    model : as trained.
    policy : says what features mean, and the grades.
    """

    def __init__(self, model: DefaultModel, policy: Policy) -> None:
        self.policy = policy
        self._behaviour = _lay_out(model.behaviour, model.columns, model.reference)
        self._application = _lay_out(model.application, model.known_before, model.reference)
        self._grades = list_grades(policy.grades)
        wanted = {HISTORY, *NEEDED}
        for one in (self._behaviour, self._application):
            wanted |= {*one.row.reads, *one.row.columns, *one.of_accounts}
        self._whole: Plan = plan_behaviour(CATALOGUE)
        self._plan: Plan = plan_behaviour(name for name in CATALOGUE if name in wanted)
        self._others = {name: np.nan for name in wanted if name not in CATALOGUE}

    def score(self, rows: CustomerRows, around: DefaultSurroundings) -> CustomerScore:
        """Score one customer.

        Parameters
        ----------
        rows : its rows, as given by ``gather_rows``.
        around : everything else, and the day.

        Raises
        ------
        ArithmeticError
            When the parts of a score do not sum to it: a fault of the program.
        CurrencyError
            When a row that counts has a foreign currency without a rate.
        """
        episodes = around.episodes.get(rows.customer_id, ())
        if episodes and around.features.as_of_day <= episodes[-1][1]:
            day, _, trigger = episodes[-1]
            told = tell_default(day, trigger, policy=self.policy)
            return CustomerScore(None, self._grades[-1], None, None, (), told)
        features = self.compute_features(rows, around)
        one = self._behaviour if features[HISTORY] > 0 else self._application
        p, starting, margin, reasons = _explain(one, features)
        grade = self._grades[bisect_left(self.policy.grades.p_up_to, p)]
        return CustomerScore(p, grade, starting, margin, reasons)

    def compute_features(self, rows: CustomerRows, around: DefaultSurroundings) -> dict[str, float]:
        """Compute what either model reads of one customer."""
        return self._others | self._compute(rows, around, self._plan)

    def describe(self, rows: CustomerRows, around: DefaultSurroundings) -> dict[str, float]:
        """Compute all that may be known of one customer, read by a model or not."""
        return self._compute(rows, around, self._whole)

    def _compute(self, rows: CustomerRows, around: DefaultSurroundings, plan: Plan) -> dict[str, float]:
        own = around.features
        behaviour = build_behaviour(rows, own, plan, policy=self.policy)
        standing = build_standing(rows, own, behaviour, haircuts=self.policy.collateral)
        means, attributes = build_means(rows, own), build_attributes(rows, own)
        return behaviour | standing | means | attributes | _read_experience(rows, around)


def _read_experience(rows: CustomerRows, around: DefaultSurroundings) -> dict[str, float]:
    masters = rows.tables["customers"]
    at = find_newest(masters, seen_by=around.features.as_of_day)
    # Whose industry or country is not known has the pool's rate.
    industry, country = (masters[at][place] or "" if at >= 0 else "" for place in (_INDUSTRY, _COUNTRY))
    return {
        "industry_default_rate": around.rates["industry"].get(industry, around.pool),
        "country_default_rate": around.rates["country"].get(country, around.pool),
        "past_defaults_count": float(len(around.episodes.get(rows.customer_id, ()))),
    }


def _lay_out(link: Link, columns: tuple[Column, ...], reference: Mapping[str, float]) -> _LaidOut:
    names = [column.name for column in columns]
    row = lay_out(link.model)
    reasons = (*dict.fromkeys(find_reason(name) for name in names), NO_ACCOUNTS)
    place = np.array([reasons.index(find_reason(name)) for name in row.columns], dtype="int64")
    rests = np.array([rests_on_accounts(name) for name in row.columns], dtype=bool)
    return _LaidOut(
        row=row,
        link=link,
        reasons=reasons,
        place=place,
        place_without=np.where(rests, len(reasons) - 1, place),
        expected=np.array(
            [MEANINGS[name].direction if name in MEANINGS else 0 for name in row.columns], dtype="float64"
        ),
        usual=np.array([reference[name] for name in row.columns], dtype="float64"),
        of_accounts=tuple(name for name in names if rests_on_accounts(name)),
    )


def _explain(one: _LaidOut, features: Values) -> tuple[float, float, float, tuple[Reason, ...]]:
    """Give the probability, the starting value and the margin of its logit, and the reasons between them."""
    split = one.row.split(features)
    raw = 0.0
    for part in split.parts.tolist():
        raw += part
    if abs(split.base + raw - split.margin) > TOLERANCE:
        raise ArithmeticError(f"reasons miss the margin by {abs(split.base + raw - split.margin):.1e}")
    p, summed, first = one.link.calibrator.calibrate(np.array([split.margin, split.base + raw, split.base]))
    margin, starting = to_margin(np.array([summed, first]))
    parts = split.parts * stretch_parts(np.array([raw]), margins=np.array([margin]), starting=np.array([starting]))
    return float(p), float(starting), float(margin), _rank(one, features, parts)


def _rank(one: _LaidOut, features: Values, parts: Floats) -> tuple[Reason, ...]:
    known = [features[name] for name in one.row.columns]
    side = np.sign(np.array(known) - one.usual)
    side = np.where(np.isnan(side), 0.0, side) * one.expected
    has_none = bool(one.of_accounts) and all(np.isnan(features[name]) for name in one.of_accounts)
    place = one.place_without if has_none else one.place
    sums, speakers = sum_reasons(parts[None, :], place[None, :], side[None, :], count=len(one.reasons))
    totals = sums[0]
    reasons = []
    # Stable, so that ties stand in the order of the features.
    for rank, number in enumerate(np.argsort(-np.abs(totals), kind="stable").tolist(), start=1):
        if totals[number] == 0:
            break
        reason, feature = one.reasons[number], one.row.columns[speakers[0, number]]
        value = float(features[feature])
        text = NO_ACCOUNTS if reason == NO_ACCOUNTS else explain_value(feature, value)
        reasons.append(Reason(rank, reason, feature, value, float(totals[number]), text))
    return tuple(reasons)

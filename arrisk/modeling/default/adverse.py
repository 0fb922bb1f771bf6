"""Adverse reasons: at most four, specific and true to the model, for telling a customer why credit was refused.

A reason is adverse when it raises the risk against the reference, and when moving its features to what is usual lowers
the probability of default. One that fails this is not given; the next one takes its place. Regulation B (12 CFR
1002.9(b)(2)) asks for the principal, specific reasons; its official interpretation finds more than four of little use.
"""

import math
from collections.abc import Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from arrisk.features.meanings import NO_ACCOUNTS, show_value
from arrisk.modeling.default.model import DefaultModel
from arrisk.modeling.default.reasons import Asked, CustomerReasons, ask_links, rank_reasons, tell_reasons
from arrisk.modeling.explain import TOP_REASONS
from arrisk.modeling.open_scores import LEAST_REASON
from arrisk.modeling.rows import Floats

MOST_ADVERSE = 4

WORDS = ("reasons", "main_reason", "adverse_reasons")
"""The columns of ``put_into_words``."""

LESS_RISK = "less risk: "
"""What stands before a reason that lowers the risk."""

_CHUNK, _THREADS = 5_000, 2


def list_adverse_reasons(
    model: DefaultModel, features: pd.DataFrame, *, found: CustomerReasons | None = None
) -> pd.DataFrame:
    """List what raises each customer's probability of default, the strongest first, at most ``MOST_ADVERSE`` each.

    Parameters
    ----------
    model : the default model. Risk is raised against the average customer of its training, of a scorecard against bins
        that say nothing.
    features : one row per customer that is not in default; the index, without repeats, names the rows.
    found : as given by ``explain_customers`` for all reasons of the same rows; None = explained here.

    Returns
    -------
    DataFrame
        row, rank, reason, feature, value, contribution (logits, above 0), p, p_at_reference (the probability of default
        were the reason's features as usual), usual (the usual value of ``feature``), text (with both values).
    """
    listed = (rank_reasons(model, features) if found is None else found).reasons
    raising = listed.loc[listed["contribution"] >= LEAST_REASON]
    turn = raising.groupby("row").cumcount().to_numpy()
    first = check_counterfactual(model, features, raising.loc[turn < MOST_ADVERSE])
    given = first.groupby("row")["holds"].sum()
    is_short = (raising["row"].map(given) < MOST_ADVERSE).to_numpy(dtype="bool")
    others = check_counterfactual(model, features, raising.loc[is_short & (turn >= MOST_ADVERSE)])
    # The index is still that of the list, in order of rows and ranks.
    adverse = pd.concat([first, others]).sort_index()
    adverse = adverse.loc[adverse["holds"].to_numpy(dtype="bool")].drop(columns="holds")
    adverse["rank"] = adverse.groupby("row").cumcount() + 1
    adverse = adverse.loc[adverse["rank"] <= MOST_ADVERSE].reset_index(drop=True)
    usual = adverse["feature"].map(model.reference).astype("float64")
    return adverse.assign(usual=usual, text=_tell(adverse, usual))


def check_counterfactual(model: DefaultModel, features: pd.DataFrame, reasons: pd.DataFrame) -> pd.DataFrame:
    """Check that each reason would be gone, were its features as usual: then the probability of default is lower.

    Parameters
    ----------
    model : the default model; what is usual is its ``reference``, the median of the customers of its training.
    features : one row per customer; the index, without repeats, names the rows.
    reasons : row and reason.

    Returns
    -------
    DataFrame
        The reasons with p, p_at_reference, and holds: whether the latter is lower.
    """
    now, moved = np.full(len(reasons), np.nan), np.full(len(reasons), np.nan)
    rows, own = np.unique(features.index.get_indexer(pd.Index(reasons["row"])), return_inverse=True)
    named = reasons["reason"].to_numpy(dtype="object")
    for asked in ask_links(model, features.iloc[rows]):
        here = np.flatnonzero(np.isin(own, asked.rows))
        place = np.searchsorted(asked.rows, own[here])
        wanted = pd.Index(asked.reasons).get_indexer(pd.Index(named[here]))
        reference = np.array([model.reference[name] for name in asked.names])
        usual = np.where(asked.place[place] == wanted[:, None], reference, asked.known[place])
        now[here] = _predict(asked, asked.known)[place]
        moved[here] = _predict(asked, usual)
    return reasons.assign(p=now, p_at_reference=moved, holds=moved < now)


def _predict(asked: Asked, values: Floats) -> Floats:
    return asked.link.predict(pd.DataFrame(values, columns=list(asked.names)))


def put_into_words(model: DefaultModel, features: pd.DataFrame) -> pd.DataFrame:
    """Put the reasons of many customers into words, the strongest first.

    Parameters
    ----------
    model : the default model.
    features : one row per customer that is not in default; the index, without repeats, names the rows.

    Returns
    -------
    DataFrame
        One row per row of ``features``, in its order: reasons ("less risk: " before those that lower it), main_reason
        (the first adverse one) and adverse_reasons; missing where there are none.
    """
    chunks = [features.iloc[start : start + _CHUNK] for start in range(0, len(features), _CHUNK)]
    with ThreadPoolExecutor(_THREADS) as pool:
        parts = list(pool.map(lambda chunk: _put_chunk(model, chunk), chunks))
    return pd.concat(parts) if parts else pd.DataFrame(index=features.index, columns=list(WORDS), dtype="str")


def _put_chunk(model: DefaultModel, features: pd.DataFrame) -> pd.DataFrame:
    found = rank_reasons(model, features)
    listed = found.reasons
    listed = listed.loc[(listed["rank"] <= TOP_REASONS) & (listed["contribution"].abs() >= LEAST_REASON)]
    raises = listed["contribution"] > 0
    words = [text if is_more else LESS_RISK + text for text, is_more in zip(tell_reasons(listed), raises, strict=True)]
    adverse = list_adverse_reasons(model, features, found=found)
    main = adverse.loc[adverse["rank"] == 1]
    said = (
        _join(listed["row"], words),
        _join(main["row"], tell_reasons(main)),
        _join(adverse["row"], adverse["text"]),
    )
    columns = {name: features.index.map(texts) for name, texts in zip(WORDS, said, strict=True)}
    return pd.DataFrame(columns, index=features.index, dtype="str")


def _join(rows: pd.Series, texts: Iterable[str]) -> dict[Hashable, str]:
    """Join the texts of each row."""
    joined: dict[Hashable, str] = {}
    for row, text in zip(rows.tolist(), texts, strict=True):
        joined[row] = f"{joined[row]}; {text}" if row in joined else text
    return joined


def _tell(adverse: pd.DataFrame, usual: pd.Series) -> list[str]:
    """Say each reason with its value and the usual one, where that is another one."""
    columns = (adverse[name].tolist() for name in ("reason", "feature", "value"))
    named = dict(zip(adverse["feature"].tolist(), usual.tolist(), strict=True))
    shown = {name: show_value(name, typical) for name, typical in named.items() if not math.isnan(typical)}
    texts = []
    for text, reason, feature, value in zip(tell_reasons(adverse), *columns, strict=True):
        is_known = reason != NO_ACCOUNTS and not math.isnan(value) and feature in shown
        is_told = is_known and shown[feature] != show_value(feature, value)
        texts.append(f"{text} (usual: {shown[feature]})" if is_told else text)
    return texts

"""Step functions of time: what row versions give while they can be seen, and levels as the sum of changes."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.frames import NEVER, concat, match


def pair_versions(rows: pd.DataFrame, parents: pd.DataFrame, *, key: str) -> pd.DataFrame:
    """Pair each row with every version of its parent that is visible at the same time.

    Parameters
    ----------
    rows, parents : with ``key``, ``known_day`` and ``superseded_day``; an id may stand several times in both.
    key : the column that holds the parent's id, of the same name in both.

    Returns
    -------
    DataFrame
        One row per pair: row and parent (places in the frames), start and stop; both are known on the evening
        of every day d with start <= d < stop.

    Examples
    --------
    >>> parents = pd.DataFrame({"id": ["A", "A"], "known_day": [1, 5], "superseded_day": [5, 99]})
    >>> rows = pd.DataFrame({"id": ["A", "B"], "known_day": [3, 3], "superseded_day": [99, 99]})
    >>> pair_versions(rows, parents, key="id").to_dict("list")
    {'row': [0, 0], 'parent': [0, 1], 'start': [3, 5], 'stop': [5, 99]}
    """
    # What is never superseded has one version only: it need not be looked for.
    is_alone = bool((parents["superseded_day"] == NEVER).all())
    number = np.arange(len(parents)) if is_alone else match(parents[key], parents[key])
    order = np.argsort(number, kind="stable")
    offsets = np.searchsorted(number[order], np.arange(len(parents) + 1))
    found = match(rows[key], parents[key])
    own = np.flatnonzero(found >= 0)
    counts = np.diff(offsets)[found[own]]
    row = np.repeat(own, counts)
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    parent = order[np.repeat(offsets[found[own]], counts) + within]
    start = np.maximum(rows["known_day"].to_numpy()[row], parents["known_day"].to_numpy()[parent])
    stop = np.minimum(rows["superseded_day"].to_numpy()[row], parents["superseded_day"].to_numpy()[parent])
    seen = start < stop
    columns = {"row": row, "parent": parent, "start": start, "stop": stop}
    return pd.DataFrame({name: values[seen] for name, values in columns.items()}, copy=False)


def list_changes(times: pd.DataFrame, *, amounts: Sequence[str]) -> pd.DataFrame:
    """Turn times during which amounts hold into the changes at both of their ends, for ``add_up``.

    Parameters
    ----------
    times : start, stop (NEVER = it lasts), the amounts, and whose they are; no time is empty.
    amounts : names of the columns that add up.

    Examples
    --------
    >>> times = pd.DataFrame({"who": [7], "start": [2], "stop": [4], "amount": [5]})
    >>> list_changes(times, amounts=["amount"]).to_dict("list")
    {'who': [7, 7], 'day': [2, 4], 'amount': [5, -5]}
    """
    begins = times.drop(columns="stop").rename(columns={"start": "day"})
    ended = times.loc[(times["stop"] < NEVER).to_numpy()]
    ends = ended.drop(columns="stop").rename(columns={"start": "day"})
    ends = ends.assign(day=ended["stop"], **{name: -ended[name] for name in amounts})
    return concat([begins, ends])


def add_up(changes: pd.DataFrame, *, owner: Sequence[str]) -> pd.DataFrame:
    """Add changes up to levels.

    Parameters
    ----------
    changes : the columns of the owner (whole numbers), ``day``, and the amounts by which the levels change from
        that day on (int64), in any order of rows.
    owner : whose levels they are.

    Returns
    -------
    DataFrame
        One row per owner and day of change, in order: the owner, start (the day), stop (the owner's next day of
        change; NEVER = none) and the levels from start to before stop.

    Examples
    --------
    >>> changes = pd.DataFrame({"who": [7, 7, 7], "day": [4, 2, 4], "amount": [-1, 5, -4]})
    >>> add_up(changes, owner=["who"]).to_dict("list")
    {'who': [7, 7], 'start': [2, 4], 'stop': [4, 2147483647], 'amount': [5, 0]}
    """
    names = [*owner, "day"]
    # Changes of one owner and day are added: any order among them will do, and an unstable sort is quicker.
    order = np.argsort(_pack([changes[name].to_numpy() for name in names]))
    keys = np.stack([changes[name].to_numpy()[order] for name in names])
    last = np.flatnonzero(np.roll(_begins(keys), -1))
    keys = keys[:, last]
    begins = _begins(keys[:-1])
    spans = np.diff(np.append(np.flatnonzero(begins), len(last)))
    frame = pd.DataFrame(dict(zip(owner, keys, strict=False)), copy=False)
    frame["start"] = keys[-1]
    frame["stop"] = np.where(np.roll(begins, -1), NEVER, np.roll(keys[-1], -1))
    for name in changes.columns.difference(names, sort=False):
        # Over all owners the sum may wrap around; taking away what was there before an owner wraps it back.
        running = np.cumsum(changes[name].to_numpy()[order])[last]
        before = np.concatenate([[0], running])[:-1]
        frame[name] = running - np.repeat(before[begins], spans)
    return frame


def _pack(keys: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Make one whole number of several that sorts as they do; their ranges together must fit into 63 bits."""
    packed = np.zeros(len(keys[0]), dtype="int64")
    for key in keys:
        low, high = (int(key.min()), int(key.max())) if len(key) else (0, 0)
        packed = packed * (high - low + 1) + (key - low)
    return packed


def _begins(keys: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Mark where keys, one a column, differ from those before; the first does."""
    begins = np.ones(keys.shape[1], dtype=bool)
    begins[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    return begins

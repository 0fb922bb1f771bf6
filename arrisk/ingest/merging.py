"""One row per customer out of many rows that repeat it: the first value stands, another one is a warning."""

import numpy as np
import pandas as pd

from arrisk.ingest.problems import StagingProblems
from arrisk.schema import SOURCE_ROW


def keep_one_per(frame: pd.DataFrame, key: str, table: str, problems: StagingProblems) -> pd.DataFrame:
    """Keep one row per id, with the first value that each column gives for it.

    Parameters
    ----------
    frame : staged rows, in source order, with ``source_row``.
    key : the column with the id; rows without it are left to the table that needs them.
    problems : takes one warning per id and column of which the source gives more than one value.

    Returns
    -------
    DataFrame
        One row per id, in order of first appearance; ``source_row`` is the first row with that id.
    """
    known = frame.loc[frame[key].notna()]
    codes, _ = pd.factorize(known[key])
    first_rows = known.groupby(codes, sort=True).first()
    for name in frame.columns.difference([key, SOURCE_ROW]):
        values = known[name]
        expected = first_rows[name].to_numpy()[codes]
        differs = (values.notna() & (values.to_numpy() != expected)).to_numpy()
        at = np.flatnonzero(differs)
        once = at[np.unique(codes[at], return_index=True)[1]]
        problems.warn(table, known[SOURCE_ROW].to_numpy()[once], name, values.iloc[once], "several_values")
    return first_rows.reset_index(drop=True)[list(frame.columns)]

"""Makes text harmless for spreadsheet programs, which run a cell of a CSV file that begins like a formula.

The rule: text that begins with one of ``= + - @``, a tab or an end of line, and is not a plain number, gets an
apostrophe before it. Numbers, negative ones too, stay numbers. An end of line inside a text is written as a line feed:
that is always put in quotes, and a lone carriage return would not be.
"""

import re
from typing import Final

import pandas as pd

_FORMULA: Final = re.compile(r"[=+\-@\t\n]")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def defuse(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet program would run.

    Examples
    --------
    >>> [defuse(text) for text in ("=1+1", "@SUM(A1)", "-cmd|' /C calc'!A0", "Alder - Oak", "-12.50", "")]
    ["'=1+1", "'@SUM(A1)", "'-cmd|' /C calc'!A0", 'Alder - Oak', '-12.50', '']
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{plain}" if _FORMULA.match(plain) and not _NUMBER.fullmatch(plain) else plain


def defuse_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Defuse every text of a frame, its columns' names too; all else stays as it is."""
    texts = {name: _defuse_column(frame[name]) for name in frame if _holds_text(frame[name])}
    safe = frame.assign(**{str(name): values for name, values in texts.items()})
    return safe.set_axis([defuse(str(name)) for name in safe], axis="columns")


def _holds_text(values: pd.Series) -> bool:
    categories = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else values
    return categories.dtype == object or pd.api.types.is_string_dtype(categories.dtype)


def _defuse_column(values: pd.Series) -> pd.Series:
    cells = [defuse(cell) if isinstance(cell, str) else cell for cell in values.tolist()]
    return pd.Series(cells, index=values.index, dtype=object)

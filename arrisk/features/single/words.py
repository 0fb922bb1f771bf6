"""Attributes of one customer, in numbers and in words, as their columns give them."""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from arrisk.features.attributes import code_words, read_values
from arrisk.features.readings import read_grades

_KEPT = 65_536


def read_number(cell: Any) -> float:
    """Read an attribute as a number."""
    return _read_word(cell)[0] if isinstance(cell, str) else _read_float(cell)


def read_grade(cell: Any) -> float:
    """Read an attribute as a number, and a single letter as its place in the alphabet."""
    return _read_word(cell)[1] if isinstance(cell, str) else _read_float(cell)


def read_code(cell: Any) -> float:
    """Give the code of a word."""
    return _read_word(cell)[2] if isinstance(cell, str) else np.nan


def _read_float(cell: float | None) -> float:
    return np.nan if cell is None else float(cell)


@lru_cache(_KEPT)
def _read_word(text: str) -> tuple[float, float, float]:
    """Read one word as whole columns are read; a ledger has few, and a column of one is as slow as a long one."""
    column = pd.Series([text], dtype="str")
    number, grade, code = (read(column)[0] for read in (read_values, read_grades, code_words))
    return float(number), float(grade), float(code)

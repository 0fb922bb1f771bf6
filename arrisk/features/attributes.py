"""Whatever else is known of a customer becomes a feature without code: an attribute in numbers, or in words.

A word is given as a code that names it, always the same one, so that no list of words has to be kept with a model: one
that was never seen is simply none of those that were.
"""

from collections.abc import Mapping
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.features.facts import pick
from arrisk.features.grouping import Dated, Ints, find_latest
from arrisk.features.lookups import date_table
from arrisk.frames import match
from arrisk.schema import TABLES, Book

Floats = npt.NDArray[np.float64]

PREFIX = "attribute_"
"""How the columns of attributes begin."""

CATEGORY = "category_"
"""How the columns of attributes in words begin."""

CODES = 4_093
"""Words are told apart by so many codes: of a hundred words, one or two share the code of another."""

_SAID = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_OWN = frozenset({column.name for column in TABLES["attributes"].all_columns} | {"known_day", "superseded_day"})


def list_attributes(attributes: pd.DataFrame) -> list[str]:
    """Name the attribute columns of the table.

    Examples
    --------
    >>> list_attributes(pd.DataFrame(columns=["customer_id", "known_on", "bureau_score"]))
    ['bureau_score']
    """
    return [str(name) for name in attributes.columns if name not in _OWN]


def read_values(column: pd.Series) -> Floats:
    """Read an attribute as numbers: yes and true are 1, no and false are 0, other text is missing.

    Each value is read by itself: what it means must not depend on a row that comes later.

    Examples
    --------
    >>> read_values(pd.Series(["1.5", "yes", "No", "AAA"]))
    array([1.5, 1. , 0. , nan])
    """
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return np.asarray(numbers)
    said = column.str.lower().map(_SAID).to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isnan(numbers), said, numbers)


def code_words(column: pd.Series) -> Floats:
    """Give each word of an attribute its code, whatever its case; a number, yes and no are no words.

    Examples
    --------
    >>> code_words(pd.Series(["Retail", " RETAIL", "mining", "1.5", "yes", None]))
    array([ 188.,  188., 1326.,   nan,   nan,   nan])
    """
    if pd.api.types.is_numeric_dtype(column.dtype):
        return np.full(len(column), np.nan)
    words = column.str.strip().str.casefold()
    codes = {word: float(crc32(word.encode()) % CODES) for word in words.dropna().unique()}
    return np.where(np.isnan(read_values(column)), words.map(codes).to_numpy(dtype="float64", na_value=np.nan), np.nan)


def build_categories(book: Book, questions: pd.DataFrame) -> pd.DataFrame:
    """Give each attribute that is text as the code of the word known at each question.

    Parameters
    ----------
    book : a checked book.
    questions : one row per question, in any order: customer_id, as_of_day (int64 days, strict).

    Returns
    -------
    DataFrame
        One row per question in the given order: one float64 column per attribute that is text, named ``category_`` and
        its column; NaN = not known, or no word.
    """
    attributes = book["attributes"]
    texts = [name for name in list_attributes(attributes) if not pd.api.types.is_numeric_dtype(attributes[name].dtype)]
    ids = attributes["customer_id"].drop_duplicates().reset_index(drop=True)
    days = questions["as_of_day"].to_numpy(dtype="int64")
    found = find_latest(date_table(attributes, ids, ""), match(questions["customer_id"], ids), days, days)
    columns = {CATEGORY + name: pick(code_words(attributes[name]), found) for name in texts}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(questions)), dtype="float64")


def read_attributes(attributes: pd.DataFrame) -> dict[str, Floats]:
    """Read every attribute of the checked table as numbers, by name of its feature: ``attribute_`` and its column."""
    return {PREFIX + name: read_values(attributes[name]) for name in list_attributes(attributes)}


def look_up_attributes(
    attributes: Mapping[str, Floats], dated: Dated, *, customer: Ints, days: Ints
) -> dict[str, Floats]:
    """Give each attribute as it was known at each question.

    Parameters
    ----------
    attributes : as given by ``read_attributes``.
    dated : the table's rows by customer and day.
    customer, days : of each question.

    Returns
    -------
    dict of arrays
        One float64 column per attribute; missing where nothing was known or the value is no number.
    """
    if not attributes:
        return {}
    found = find_latest(dated, customer, days, days)
    return {name: pick(values, found) for name, values in attributes.items()}

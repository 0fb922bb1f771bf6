"""How functions are compiled: entries are called from Python, inner functions only from compiled code.

Both let other threads run meanwhile. An entry's machine code, with all that it calls, is kept on disk; an inner
function needs neither a way in from Python nor a file of its own, which saves a quarter of the time of compiling.
"""

from numba import njit

entry = njit(nogil=True, cache=True)
"""Compile a function that Python calls."""

inner = njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""Compile a function that only compiled functions call."""

"""Settings of every test run, doctests included. They must stand before numba is imported."""

import hashlib
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from tests.ending import ENDING

ROOT = Path(__file__).parent


def _fingerprint_of_kernels() -> str:
    """Name the state of all compiled code: numba's own cache does not notice a change in a called file."""
    texts = [path.read_bytes() for path in sorted(ROOT.glob("arrisk/**/*.py"))]
    compiled = [text for text in texts if b"numba" in text or b".compiled import" in text]
    return hashlib.sha256(b"\0".join(compiled)).hexdigest()[:16]


# Two workers with a thread pool each fight over the cores, and sums must not depend on the number of threads.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".numba_cache" / _fingerprint_of_kernels()))
os.environ.setdefault("MPLBACKEND", "Agg")
# A test that forgets its own home must not touch the user's.
os.environ["ARRISK_HOME"] = ENDING.enter_context(tempfile.TemporaryDirectory(prefix="arrisk-tests-"))

# The same examples in every run: a failure can be repeated. HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=100)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Stop the tests' servers and remove their folders, once the fixtures are done."""
    ENDING.close()

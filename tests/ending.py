"""What is undone when a process of tests ends: workers are ended before Python's own `atexit` runs in them."""

import atexit
from contextlib import ExitStack
from typing import Final

ENDING: Final = ExitStack()
atexit.register(ENDING.close)

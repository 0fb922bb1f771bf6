"""Imported once by the process that servers are forked from, so that one starts in a second and not in twenty."""

import api.server  # noqa: F401 - imported for what follows from it
from api.lifespan import compute_example
from arrisk.policy import load_policy

# Compiled code is loaded here; it starts no threads, which would not survive a fork.
compute_example(load_policy())

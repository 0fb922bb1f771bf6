"""The environment: where arrisk keeps its state. Neither policy nor hyper-parameters stand here."""

import os
from pathlib import Path


def arrisk_home() -> Path:
    """Give the folder of the model store and the database: ``ARRISK_HOME``, or ``.arrisk`` in the user's home."""
    return Path(os.environ.get("ARRISK_HOME") or Path.home() / ".arrisk").expanduser().resolve()

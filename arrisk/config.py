"""The environment: where arrisk keeps its state. Neither policy nor hyper-parameters stand here."""

import os
from pathlib import Path

from arrisk.errors import BookError
from arrisk.records import FolderRecords


def arrisk_home() -> Path:
    """Give the folder of the model store and the database: ``ARRISK_HOME``, or ``.arrisk`` in the user's home."""
    return Path(os.environ.get("ARRISK_HOME") or Path.home() / ".arrisk").expanduser().resolve()


def open_records() -> FolderRecords:
    """Give the records of the state folder."""
    return FolderRecords(arrisk_home())


def find_sample() -> Path:
    """Give the folder of the shipped portfolio, in an installed package or in a checkout.

    Raises
    ------
    BookError
        When it is in neither place.
    """
    package = Path(__file__).parent
    for folder in (package / "sample_data" / "book", package.parent / "data" / "sample" / "book"):
        if folder.is_dir():
            return folder
    raise BookError("the shipped portfolio is not there", where=str(package), hint="install arrisk again")

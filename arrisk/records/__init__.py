"""Append-only records: one line per act, added at the end and never changed.

Each line ends with the SHA-256 of itself, which the next line holds too, so that a line edited, dropped or put in is
found, the last one included. Lines cut off at the end are not, nor a record that was written anew as a whole: the last
line's hash, noted elsewhere, shows these.
"""

from arrisk.records.chain import START, Draft, Entry, Soundness
from arrisk.records.folders import FolderRecords
from arrisk.records.protocol import Records
from arrisk.records.replays import Fold, Replayed

__all__ = ["START", "Draft", "Entry", "Fold", "FolderRecords", "Records", "Replayed", "Soundness"]

"""The model store: versions in folders, the log of promotions that says which of them score, and MLflow beside them."""

from arrisk.registry.folders import Saved, find_version, list_models, read_files, read_seal, save_model
from arrisk.registry.promotion_log import Entry, check_log, explain_fault, read_log
from arrisk.registry.promotions import (
    BY_POLICY,
    PROMOTE,
    ROLL_BACK,
    Act,
    admit_first,
    find_champion,
    find_named,
    find_promoted,
    is_promoted,
    promote,
    roll_back,
)
from arrisk.registry.tracking import CHALLENGER, CHAMPION, register, set_aliases, track

__all__ = [
    "BY_POLICY",
    "CHALLENGER",
    "CHAMPION",
    "PROMOTE",
    "ROLL_BACK",
    "Act",
    "Entry",
    "Saved",
    "admit_first",
    "check_log",
    "explain_fault",
    "find_champion",
    "find_named",
    "find_promoted",
    "find_version",
    "is_promoted",
    "list_models",
    "promote",
    "read_files",
    "read_log",
    "read_seal",
    "register",
    "roll_back",
    "save_model",
    "set_aliases",
    "track",
]

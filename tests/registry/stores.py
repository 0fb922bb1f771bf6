"""Small model stores for tests: models of a few words, promoted by hand."""

import json
from datetime import UTC, datetime

from arrisk import registry
from arrisk.registry import Act

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAME = "late-payment"
POLICY_HASH = "0123456789abcdef"


def files_of(*, name=NAME, ledger="book", as_of_day=100, body="{}"):
    """Give the files of a model that no loader would read."""
    card = json.dumps({"name": name, "ledger": ledger, "as_of_day": as_of_day, "policy_hash": POLICY_HASH})
    return {"card.json": card, "p_late/model.json": body, "manifest.json": f'{{"of": {body!r}}}'}


def save(home, *, promoted=True, **facts):
    """Save a model, and let it score."""
    saved = registry.save_model(home, files_of(**facts))
    if promoted:
        promote(home, saved)
    return saved


def promote(home, saved, *, by="A. Smith", reason="it is better"):
    """Promote a version as a person does."""
    return registry.promote(home, saved, act=Act(AT, by, reason, "f" * 64))


def roll_back(home, *, ledger="book"):
    """Take the champion back as a person does."""
    return registry.roll_back(home, name=NAME, ledger=ledger, act=Act(AT, "B. Jones", "scores jumped"))


def find(home, *, ledger="book", before_day=500):
    """Find what scores a day."""
    return registry.find_promoted(home, name=NAME, ledger=ledger, before_day=before_day)

"""Features of customers and invoices as they were known on any day."""

from arrisk.features.catalogue import CATALOGUE, Feature
from arrisk.features.history import Past, build_context, build_features, iterate_features, read_past
from arrisk.features.questions import questions_at_issue, questions_on

__all__ = [
    "CATALOGUE",
    "Feature",
    "Past",
    "build_context",
    "build_features",
    "iterate_features",
    "questions_at_issue",
    "questions_on",
    "read_past",
]

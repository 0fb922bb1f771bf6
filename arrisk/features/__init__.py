"""Features of customers and invoices as they were known on any day."""

from arrisk.features.catalogue import CATALOGUE, Feature
from arrisk.features.history import build_context, build_features, iterate_features
from arrisk.features.questions import questions_at_issue, questions_on

__all__ = [
    "CATALOGUE",
    "Feature",
    "build_context",
    "build_features",
    "iterate_features",
    "questions_at_issue",
    "questions_on",
]

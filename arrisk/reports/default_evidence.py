"""What the page of a default model's validation is drawn from, gathered from the validation."""

from arrisk.modeling.default.validation import Validation
from arrisk.reports.default_page import DefaultEvidence
from arrisk.reports.reliability import bin_reliability


def gather_default_evidence(validation: Validation) -> DefaultEvidence:
    """Gather the frames behind the pictures; there is no reliability without an outcome."""
    return DefaultEvidence(
        reliability={
            name: bin_reliability(tested.target, tested.p, tested.customer_id.to_numpy())
            for name, tested in validation.tested.items()
            if len(tested)
        },
        parts={name: own.parts for name, own in validation.models.items()},
        facts={name: own.values for name, own in validation.models.items()},
    )

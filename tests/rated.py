"""A default model for a ledger of a test: fitted in a second on made-up customers, promoted at once."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from arrisk import registry
from arrisk.modeling.default.scorer import describe_default, dump_default
from arrisk.modeling.lgd.losses import Losses
from arrisk.modeling.lgd.models import LossModel, fit_segment_loss
from arrisk.policy import load_policy
from arrisk.uses.basis import DEFAULT_SECTIONS
from tests.modeling.defaults import make_observed, train_observed


def add_default_model(home: Path, ledger: str) -> None:
    """Train a default model before 2023, and let it score a ledger."""
    many = 50
    cases = pd.DataFrame({"loss_share": np.linspace(0.2, 0.6, many)})
    cases = cases.assign(customer_id=np.arange(many).astype("str"), start_day=np.arange(many))
    model = LossModel(fit_segment_loss(cases, segments=[]), (), many)
    training = train_observed(make_observed())
    learnt = load_policy().hash(*DEFAULT_SECTIONS)
    scorer = describe_default(training, Losses(model, model), ledger=ledger, policy_hash=learnt)
    saved = registry.save_model(home, dump_default(scorer))
    assert registry.admit_first(home, saved, at=datetime(2023, 2, 1, tzinfo=UTC))

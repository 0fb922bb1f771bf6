"""The future test, through to the scores: what was not known on a day changes neither the model nor what it says."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from arrisk.modeling.asking import ask_at_issue, train_asked
from arrisk.modeling.describe import describe_training
from arrisk.modeling.open_scores import add_reasons, score_open, score_open_curves
from arrisk.modeling.scorer import dump_scorer
from tests.features.random_books import TODAY
from tests.properties.test_future import POLICY, SEEDS, make_books


def train_and_score(book):
    """Give the files of a model fitted on what was known today, and the scores of what is open."""
    asked = ask_at_issue(book, policy=POLICY)
    training = train_asked(asked, book, as_of=TODAY, policy=POLICY)
    opened = score_open_curves(book, training.model, as_of=TODAY, policy=POLICY)
    scored = add_reasons(training.model, score_open(opened, horizon_days=30), opened, count=None)
    files = dump_scorer(describe_training(training, ledger="book", policy_hash="abc"))
    return files, opened, scored


@pytest.mark.slow
@settings(max_examples=5)
@given(SEEDS)
def test_what_is_not_known_yet_changes_no_model_and_no_score(seed):
    (files, opened, scored), (other_files, other, other_scored) = map(train_and_score, make_books(seed))
    assert len(scored) > 0
    assert files == other_files
    assert opened.shift == other.shift
    assert np.array_equal(opened.curves.open_share, other.curves.open_share)
    pd.testing.assert_frame_equal(scored, other_scored, check_exact=True)

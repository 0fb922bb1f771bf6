"""The catalogue says of every feature what it is; nothing is computed that it does not know."""

import string

import pytest

from arrisk.features import CATALOGUE, Feature
from arrisk.features.behaviour import FORMULAS
from arrisk.features.catalogue import FiveC


def test_it_lists_exactly_what_is_computed():
    assert list(CATALOGUE) == list(FORMULAS)
    assert len(CATALOGUE) >= 40


def test_every_c_has_features():
    assert {feature.five_c for feature in CATALOGUE.values()} == set(FiveC)


@pytest.mark.parametrize("feature", CATALOGUE.values(), ids=CATALOGUE)
def test_every_feature_can_be_read_by_an_analyst(feature: Feature):
    assert feature.direction in (-1, 0, 1)
    assert {name for _, name, _, _ in string.Formatter().parse(feature.reason) if name} <= {
        "value",
        "years",
        "money",
        "yes",
        "silence",
    }
    assert feature.explain(1.0)
    assert feature.meaning in feature.explain(float("nan"))


def test_no_two_features_mean_the_same():
    meanings = [feature.meaning for feature in CATALOGUE.values()]
    assert len(set(meanings)) == len(meanings)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.02, "no longer than usual"), (0.5, "for longer than usual"), (4.0, "as if it had stopped paying")],
)
def test_a_silence_is_said_in_words(value, said):
    assert CATALOGUE["silence"].explain(value) == f"silent {said}"
    assert CATALOGUE["silence"].show(value) == said

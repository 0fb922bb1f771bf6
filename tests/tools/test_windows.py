"""What the features are compared with in the benchmarks keeps to the features that there are."""

from arrisk.features import CATALOGUE
from benchmarks.windows import list_same_features


def test_the_window_functions_compute_features_of_the_catalogue():
    same = list_same_features()
    assert set(same) <= set(CATALOGUE)
    assert len(same) > 60

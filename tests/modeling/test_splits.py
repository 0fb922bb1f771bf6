import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.modeling.rows import Sample, order_sample
from arrisk.modeling.splits import FOLDS, MANY_ROWS, MANY_SLICES, SLICES, split_forward, split_latest, split_somehow


def make(asked, known):
    asked, known = np.array(asked, dtype="int64"), np.array(known, dtype="int64")
    return Sample(pd.DataFrame(index=range(len(asked))), np.zeros(len(asked)), asked, asked, known, ())


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 90)), min_size=1, max_size=200))
@settings(max_examples=60, deadline=None)
def test_every_slice_is_fitted_on_what_was_known_before_it_began(rows):
    asked = np.sort(np.array([day for day, _ in rows]))
    sample = make(asked, asked + np.array([delay for _, delay in rows]))
    tested = []
    for piece in split_forward(sample):
        start = sample.asked_day[piece.test].min()
        assert sample.known_day[piece.fit].max() < start
        assert sample.asked_day[piece.fit].max() < start
        tested.extend(piece.test)
    assert sorted(tested) == sorted(set(tested))
    assert tested == sorted(tested)


def test_the_second_half_is_predicted_in_steps():
    sample = make(range(400), range(400))
    slices = split_forward(sample)
    assert len(slices) == SLICES
    assert sum(len(piece.test) for piece in slices) == 200


def test_a_day_is_never_divided_between_fit_and_test():
    sample = make([1] * 30 + [2] * 30, [1] * 30 + [2] * 30)
    for piece in [*split_forward(sample), split_latest(sample, share=0.1)]:
        assert not set(sample.asked_day[piece.fit]) & set(sample.asked_day[piece.test])


def test_a_long_history_is_cut_into_few_slices():
    days = np.arange(MANY_ROWS) // 100
    assert len(split_forward(make(days, days))) == MANY_SLICES


def test_no_rows_give_no_slices():
    assert split_forward(make([], [])) == []


def test_rows_stand_in_the_order_of_days_then_ids_whatever_the_file_said():
    sample = make([2, 1, 1], [3, 3, 3])
    ordered = order_sample(sample, ids=pd.Series(["a", "c", "b"]))
    assert ordered.features.index.tolist() == [2, 1, 0]


def test_without_an_earlier_year_customers_are_divided_and_events_spread():
    customers = np.repeat(np.arange(100), 2)
    day, known = np.full(200, 7), np.full(200, 371)
    target = (customers % 10 == 0).astype("float64")
    sample = Sample(pd.DataFrame(index=range(200)), target, customers, day, known, ())
    assert split_forward(sample) == []
    slices = split_somehow(sample)
    assert len(slices) == FOLDS
    assert sorted(np.concatenate([piece.test for piece in slices])) == list(range(200))
    for piece in slices:
        assert not set(customers[piece.fit]) & set(customers[piece.test])
        assert sample.target[piece.test].sum() == 4


def test_where_there_is_time_it_is_cut_in_time():
    sample = make(range(400), range(400))
    assert [piece.test.tolist() for piece in split_somehow(sample)] == [
        piece.test.tolist() for piece in split_forward(sample)
    ]


def test_too_few_customers_are_not_divided():
    assert split_somehow(make([1] * 10, [9] * 10)) == []

"""The truth agrees with outcomes that are read from the written files by independent, plain code."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from arrisk.sim import DEFAULTS, simulate_portfolio
from arrisk.sim.answers import tell_invoices
from arrisk.sim.difficulty import list_late_outcomes
from arrisk.sim.world import draw_world
from tests.sim.outcomes import is_late, list_ends, list_trigger_days, read


def _standard_error(chances):
    return np.sqrt((chances * (1 - chances)).sum()) / len(chances)


@pytest.mark.parametrize(("tolerance", "column"), [(0, "p_late"), (30, "p_late_30")])
def test_late_truth_is_calibrated_in_every_tenth_of_the_written_invoices(portfolio, written, tolerance, column):
    book = written / "book"
    ends = list_ends(book)
    invoices = {row["invoice_id"]: row for row in read(book, "invoices")}
    pairs = []
    for row in read(written / "truth", "invoices"):
        late = is_late(invoices[row["invoice_id"]], ends, tolerance, portfolio.extract_end_on)
        if late is not None:
            pairs.append((float(row[column]), late))
    frame = pd.DataFrame(pairs, columns=["chance", "late"])
    assert len(frame) > 6_000
    for _, group in frame.groupby(pd.qcut(frame["chance"], 10)):
        chances = group["chance"].to_numpy()
        assert abs(group["late"].mean() - chances.mean()) < 4 * _standard_error(chances) + 0.002


def test_the_quick_reading_of_outcomes_agrees_with_the_plain_one(portfolio, written):
    ends = list_ends(written / "book")
    rows = [row for row in read(written / "book", "invoices") if row["kind"] == "invoice"]
    plain = {row["invoice_id"]: is_late(row, ends, 0, portfolio.extract_end_on) for row in rows}
    end_day = int(np.datetime64(portfolio.extract_end_on, "D").astype(int))
    quick = list_late_outcomes(portfolio.tables, tolerance_days=0, end_day=end_day)
    expected = quick["invoice_id"].map(plain).map({True: 1.0, False: 0.0})
    pd.testing.assert_series_equal(quick["late"], expected.astype(float), check_names=False)


@pytest.fixture(scope="module")
def triggers(portfolio, written):
    customers, first = set(portfolio.truth_customers["customer_id"]), portfolio.truth_customers["as_of"].min()
    return list_trigger_days(written / "book", customers, first.date(), portfolio.extract_end_on)


def test_every_default_and_every_spared_customer_is_as_the_triggers_of_the_book_say(portfolio, triggers):
    truth = portfolio.truth_customers
    assert sum(len(days) > 0 for days in triggers.values()) > 5
    for row in truth[truth["defaulted"].notna()].itertuples():
        begin = row.as_of.date()
        later = {day for day in triggers[row.customer_id] if 0 <= (day - begin).days < 365}
        assert bool(later) == bool(row.defaulted), (row.customer_id, begin)


def test_a_customer_with_a_trigger_on_the_day_before_has_no_truth(portfolio, triggers):
    truth = portfolio.truth_customers
    asked = set(zip(truth["customer_id"], truth["as_of"].dt.date, strict=True))
    for customer, day in asked:
        assert not any((day - trigger).days == 1 for trigger in triggers[customer])


@pytest.mark.slow
def test_default_truth_is_calibrated_in_the_large_and_in_fifths():
    truths = [simulate_portfolio(customers=2_500, months=48, seed=seed).truth_customers for seed in (21, 22, 23)]
    truth = pd.concat(truths)[lambda frame: frame["defaulted"].notna()]
    # A customer is asked every quarter about overlapping years: about a quarter of the rows are independent.
    error = 2 * _standard_error(truth["p_default_12m"].to_numpy())
    assert abs(truth["defaulted"].mean() - truth["p_default_12m"].mean()) < 3 * error
    for _, group in truth.groupby(pd.qcut(truth["p_default_12m"], 5)):
        chances = group["p_default_12m"].to_numpy()
        assert abs(group["defaulted"].mean() - chances.mean()) < 8 * _standard_error(chances)


def test_an_outcome_whose_year_reaches_beyond_the_extract_is_missing(portfolio):
    truth = portfolio.truth_customers
    reaches = truth["as_of"] + pd.Timedelta(days=364) > pd.Timestamp(portfolio.extract_end_on)
    assert reaches.any()
    assert (truth["defaulted"].isna() == reaches).all()


def test_the_truth_knows_nothing_that_is_drawn_after_the_day_of_the_question():
    world = draw_world(80, 12, 4, None, DEFAULTS)
    cut = world.timeline.start_day + 200
    earlier = world.invoices.issued_day < cut
    changed = tell_invoices(replace(world, paths=_change_after(world.paths, cut)))
    chances = tell_invoices(world)[["p_late", "p_late_30"]].to_numpy()
    assert np.array_equal(
        chances[earlier[: len(chances)]], changed[["p_late", "p_late_30"]].to_numpy()[earlier[: len(chances)]]
    )
    assert not np.array_equal(chances, changed[["p_late", "p_late_30"]].to_numpy())


def _change_after(paths, day):
    """Other states and no stops from a day on."""
    offset = day - paths.first_day
    strength, discipline, stops = paths.strength.copy(), paths.discipline.copy(), paths.stops
    strength[offset:] = 0
    discipline[offset:] = 0
    stop_day = np.where(stops.stop_day >= day, 2**31 - 2, stops.stop_day)
    return replace(paths, strength=strength, discipline=discipline, stops=replace(stops, stop_day=stop_day))

"""The truth of the open book: it agrees with what is drawn, and knows nothing that is drawn later."""

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import InputError
from arrisk.frames import NEVER
from arrisk.sim import DEFAULTS
from arrisk.sim.courses import ARREARS_DAYS, draw_courses
from arrisk.sim.cures import cure_chances
from arrisk.sim.evidence import Sight, Times, weigh_days
from arrisk.sim.invoices import Invoices
from arrisk.sim.open_truth import tell_open_items
from arrisk.sim.paths import Stops
from arrisk.sim.world import draw_world
from tests.sim.later import change_after
from tests.sim.outcomes import cents, read
from tools.truth import tell_truth_curves

WEEKS = (1, 2, 4, 6, 9, 13)


@pytest.fixture(scope="module")
def world():
    return draw_world(400, 24, 6, None, DEFAULTS)


@pytest.fixture(scope="module")
def truths(world):
    return [tell_open_items(world, as_of_day=world.timeline.end_day - back) for back in (420, 240, 110)]


def _final_day(world, truth):
    return world.settlements.course.final_day[truth.position]


def _stop_day(world, truth):
    return np.append(world.paths.stops.stop_day, NEVER)[world.invoices.stop[truth.position]]


def _compare(world, truth):
    """One row per open invoice: chances and what was drawn."""
    final, due, day = _final_day(world, truth), world.invoices.due_day[truth.position], truth.as_of_day
    columns = {"customer": world.invoices.customer[truth.position], "p_unpaid": truth.p_unpaid, "unpaid": final >= day}
    for week in WEEKS:
        columns[f"p_paid_{week}"] = truth.p_unpaid * truth.paid[:, 7 * week - 1]
        columns[f"paid_{week}"] = (final >= day) & (final < day + 7 * week)
    credited = np.where(final == NEVER, world.settlements.course.credit_day[truth.position], NEVER)
    for column, tolerance in enumerate((0, 30)):
        asked = (final >= day) & (credited > due + tolerance)
        columns[f"p_late_{tolerance}"] = np.where(asked, truth.late[:, column], 0.0)
        columns[f"late_{tolerance}"] = asked & (final > due + tolerance)
    return pd.DataFrame(columns).assign(customer=lambda frame: frame["customer"] + day * 10**6)


def _assert_calibrated(frame, what, *, errors, margin):
    """Customers pay together: the standard error counts each customer's sum as one observation."""
    surplus = (frame[what] - frame[f"p_{what}"]).groupby(frame["customer"]).sum()
    allowed = errors * np.sqrt((surplus**2).sum()) + margin * len(frame)
    assert abs(surplus.sum()) < allowed, (what, frame[what].mean(), frame[f"p_{what}"].mean())


MEASURES = ["unpaid", *(f"paid_{week}" for week in WEEKS), "late_0", "late_30"]


@pytest.mark.parametrize("what", MEASURES)
def test_chances_of_the_open_book_agree_with_what_is_drawn(world, truths, what):
    frame = pd.concat([_compare(world, truth) for truth in truths])
    assert len(frame) > 2_000
    _assert_calibrated(frame, what, errors=4, margin=0.001)


@pytest.fixture(scope="module")
def many():
    frames = []
    for seed in range(61, 69):
        world = draw_world(2_500, 24, seed, None, DEFAULTS)
        for back in (400, 120):
            truth = tell_open_items(world, as_of_day=world.timeline.end_day - back)
            frames.append(
                _compare(world, truth).assign(customer=lambda frame, seed=seed: frame["customer"] + seed * 1e5)
            )
    return pd.concat(frames, ignore_index=True)


@pytest.mark.slow
@pytest.mark.parametrize("what", MEASURES)
def test_chances_of_the_open_book_are_calibrated_in_the_large_and_in_every_tenth(many, what):
    assert len(many) > 80_000
    _assert_calibrated(many, what, errors=3, margin=0.0)
    tenths = pd.qcut(many[f"p_{what}"], 10, duplicates="drop")
    for _, group in many.groupby(tenths, observed=True):
        _assert_calibrated(group, what, errors=4, margin=0.001)


def test_chances_rise_from_day_to_day_and_never_leave_zero_to_one(truths):
    for truth in truths:
        for chances in (truth.paid, truth.credited):
            assert chances.min() >= 0
            assert (np.diff(chances, axis=1) >= -1e-12).all()
        assert (truth.paid + truth.credited).max() <= 1 + 1e-9
        assert (truth.p_unpaid.min() > 0) & (truth.p_unpaid.max() <= 1)


def test_late_means_not_paid_and_not_credited_by_the_deadline(world, truths):
    for truth in truths:
        left = world.invoices.due_day[truth.position] - truth.as_of_day
        is_past, inside = left < 0, np.flatnonzero((left >= 0) & (left < truth.paid.shape[1]))
        assert (truth.late[is_past, 0] == 1).all()
        paid, credited = truth.paid[inside, left[inside]], truth.credited[inside, left[inside]]
        assert np.allclose(truth.late[inside, 0], 1 - paid / (1 - credited))
        assert (truth.late[:, 1] <= truth.late[:, 0]).all()


def test_an_invoice_of_a_weak_customer_that_still_pays_is_lost_more_often(world, truths):
    lost = {True: [], False: []}
    for truth in truths:
        customer, due = world.invoices.customer[truth.position], world.invoices.due_day[truth.position]
        strength = world.paths.strength_at(world.traits.unit[customer], np.full(len(truth), truth.as_of_day))
        asked = (_stop_day(world, truth) > truth.as_of_day) & (due < truth.as_of_day + 20)
        left = 1 - truth.paid[:, -1] - truth.credited[:, -1]
        for is_weak, kind in ((True, strength <= 1), (False, strength >= 5)):
            lost[is_weak].extend(left[asked & kind])
    assert min(len(values) for values in lost.values()) > 20
    assert np.mean(lost[True]) > 5 * np.mean(lost[False]) + 0.01


@pytest.mark.parametrize("pattern", [0, 2])  # pays on any business day, or once a week
@pytest.mark.parametrize("past_due", [-8, 2])
@pytest.mark.parametrize("way", ["p_plain", "p_partial", "p_dispute"])
def test_what_the_ledger_shows_weighs_as_many_draws_of_one_invoice_say(world, way, past_due, pattern):
    invoices, delays = _repeat(world, way, pattern, 60_000)
    course = draw_courses(world.paths, invoices, delays, runs=world.runs, params=DEFAULTS, seed=9)
    day = int(invoices.due_day[0]) + past_due
    ended = np.where(course.final_day < NEVER, course.final_day, course.credit_day)
    unpaid = np.flatnonzero(ended >= day)
    sight = Sight.look(invoices, course, unpaid, day)
    seen = np.column_stack([sight.first_day, sight.opened_day, sight.resolved_day])
    _, first, group, size = np.unique(seen, axis=0, return_index=True, return_inverse=True, return_counts=True)
    chosen = unpaid[first]
    times = Times.around(day, delays.pattern[chosen], world.runs)
    weights = weigh_days(
        Sight.look(invoices, course, chosen, day),
        delays.take(chosen),
        times,
        np.ones(times.natural.shape),
        runs=world.runs,
        full_credit_share=DEFAULTS.full_credit_share,
    )
    for end in (day + 2, day + 6, day + 12, day + 25):
        last = world.runs.last_run(delays.pattern[chosen], np.full(len(chosen), end))[:, None]
        told = weights.paid_by(last, day)[:, 0] / weights.left(day)
        drawn = np.bincount(group.ravel(), course.final_day[unpaid] <= end) / size
        error = np.sqrt(np.maximum(told * (1 - told), 1e-3) / size)
        assert (np.abs(told - drawn) < 5 * error).all()
    assert len(first) >= {"p_plain": 1, "p_partial": 2, "p_dispute": 20}[way]


def _repeat(world, way, pattern, count):
    """One invoice many times, always paid in one way."""
    fits = (world.delays.pattern == pattern) & (world.invoices.due_day - world.invoices.issued_day == 30)
    chosen = np.full(count, np.flatnonzero(fits)[0])
    arrays = {field.name: getattr(world.invoices, field.name)[chosen] for field in fields(world.invoices)}
    shares = {name: np.full(count, float(name == way)) for name in ("p_discount", "p_partial", "p_dispute")}
    return Invoices(**{**arrays, "stop": np.full(count, -1)}), replace(world.delays.take(chosen), **shares)


def test_a_customer_that_has_stopped_pays_nothing_before_the_shortest_cure(world, truths):
    seen = 0
    for truth in truths:
        waited = truth.as_of_day - _stop_day(world, truth)
        recent = (waited >= 0) & (waited + truth.paid.shape[1] <= DEFAULTS.cure_days[0])
        assert (truth.paid[recent] == 0).all()
        seen += recent.sum()
    assert seen > 10


def test_a_customer_that_pays_settles_within_the_longest_delay_once_a_part_is_paid_or_a_dispute_resolved(world, truths):
    course, seen = world.settlements.course, 0
    for truth in truths:
        is_going = _stop_day(world, truth) > truth.as_of_day
        begun = is_going & (course.first_day[truth.position] < truth.as_of_day)
        resolved = is_going & (course.resolved_day[truth.position] < truth.as_of_day)
        assert np.allclose(truth.paid[resolved, 45], 1)
        stopping = 1 - truth.paid[begun, 65]
        assert (stopping < 0.2).all()
        assert (truth.credited[begun | resolved] == 0).all()
        seen += begun.sum() + resolved.sum()
    assert seen > 20


def test_the_open_truth_knows_nothing_that_is_drawn_after_its_day(world):
    day = world.timeline.end_day - 240
    truth, changed = tell_open_items(world, as_of_day=day), tell_open_items(change_after(world, day), as_of_day=day)
    assert np.array_equal(truth.position, changed.position)
    for name in ("p_unpaid", "paid", "credited", "late"):
        assert np.array_equal(getattr(truth, name), getattr(changed, name)), name
    later = day + 60
    truth, changed = (tell_open_items(one, as_of_day=later) for one in (world, change_after(world, day)))
    assert truth.paid.mean() != changed.paid.mean()


def test_cures_agree_with_many_drawn_stops():
    rng, count = np.random.default_rng(3), 300_000
    resume = rng.integers(*DEFAULTS.cure_days, count)
    write_off = rng.integers(*DEFAULTS.write_off_days, count)
    is_cured = rng.random(count) < DEFAULTS.cure_share
    final = np.where(is_cured, resume + rng.integers(0, ARREARS_DAYS, count), NEVER)
    for day in (30, 190, 230, 290):
        is_open = (resume > day) & is_cured | (write_off >= day) & ~is_cured
        last = np.arange(day - 1, day + 90)
        told = cure_chances(_one_stop(NEVER), np.array([0]), np.zeros(1), last[None, :], day=day, params=DEFAULTS)[0]
        drawn = np.array([(final[is_open] <= end).mean() for end in last[1:]])
        assert np.abs(told - drawn).max() < 5 / np.sqrt(is_open.sum())


def test_a_customer_that_has_resumed_pays_its_arrears_evenly_over_their_days():
    last = np.arange(204, 240)[None, :]
    told = cure_chances(_one_stop(200), np.array([0]), np.zeros(1), last, day=205, params=DEFAULTS)[0]
    assert np.allclose(told, np.minimum(np.arange(1, 36) / (ARREARS_DAYS - 5), 1))


def _one_stop(resume_day):
    none = np.array([NEVER])
    return Stops(np.array([0]), np.array([0]), np.array([resume_day]), none, none, none, np.array([True]))


def test_the_truth_tells_of_the_invoices_that_the_written_book_shows_as_open(portfolio, written):
    as_of = date(2025, 6, 2)
    told = tell_truth_curves(customers=220, months=27, seed=5, as_of=as_of)
    assert set(told["invoice_id"]) == _list_open(written / "book", as_of)
    weeks = told[[f"p_paid_w{week}" for week in range(1, 14)]].to_numpy()
    assert (np.diff(weeks, axis=1) >= 0).all()
    assert (weeks[:, -1] <= told["p_unpaid"]).all()
    assert portfolio.name == "simulated-220-27-5"


def _list_open(book, as_of):
    """Invoices known before a day whose open amount, by what is known before it, exceeds one percent."""
    paid = {}
    for row in read(book, "allocations"):
        if date.fromisoformat(row["known_on"]) < as_of:
            paid[row["invoice_id"]] = paid.get(row["invoice_id"], 0) + cents(row["amount"])
    for row in read(book, "write_offs"):
        if date.fromisoformat(row["written_off_on"]) < as_of:
            paid[row["invoice_id"]] = paid.get(row["invoice_id"], 0) + cents(row["amount"])
    return {
        row["invoice_id"]
        for row in read(book, "invoices")
        if row["kind"] == "invoice"
        and date.fromisoformat(row["issued_on"]) < as_of
        and cents(row["amount"]) - paid.get(row["invoice_id"], 0) > max(1, 0.01 * cents(row["amount"]))
    }


def test_a_day_outside_the_portfolio_or_a_horizon_beyond_the_shortest_cure_is_refused(world):
    with pytest.raises(InputError, match="not a day of this portfolio"):
        tell_open_items(world, as_of_day=world.timeline.end_day + 2)
    with pytest.raises(InputError, match="horizon"):
        tell_open_items(world, as_of_day=world.timeline.end_day, horizon_days=300)


def test_a_first_day_on_which_nothing_is_open_has_an_empty_truth(world):
    truth = tell_open_items(world, as_of_day=world.timeline.start_day)
    assert (len(truth), truth.paid.shape, len(truth.invoice_id)) == (0, (0, 91), 0)

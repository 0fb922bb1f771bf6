"""The truth of what the open book costs: it agrees with what is drawn, and knows nothing that is drawn later."""

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import InputError
from arrisk.frames import NEVER, date_of, day_of
from arrisk.sim import DEFAULTS
from arrisk.sim.chain import LONGEST
from arrisk.sim.collateral import draw_securities
from arrisk.sim.courses import draw_courses
from arrisk.sim.exposure import expect_exposure
from arrisk.sim.invoices import Invoices
from arrisk.sim.losses import build_recoveries
from arrisk.sim.open_losses import tell_open_losses
from arrisk.sim.open_truth import find_open, survive, tell_open_items, weigh_open
from arrisk.sim.paths import Stops
from arrisk.sim.world import draw_world
from tests.sim.later import change_after
from tests.sim.outcomes import cents, read
from tools.truth import tell_truth_losses

EARLY = (520, 420, 320, 270)  # days before the end: what is open then has ended in all that is drawn
RATE, WITHIN = 0.2, 250


@pytest.fixture(scope="module")
def world():
    return draw_world(600, 24, 6, None, DEFAULTS)


def _sum_recoveries(world, *, rate, within):
    """What each invoice's recoveries within some days are worth on the day of its write-off."""
    stops, settlements = world.paths.stops, world.settlements
    held = draw_securities(world.traits, timeline=world.timeline, params=world.params, seed=world.seed)
    rows = build_recoveries(world.invoices, settlements, stops, held, seed=world.seed)
    invoice = rows["invoice_id"].str[1:].astype(int).to_numpy() - 1
    after = rows["recovered_on"].to_numpy() - settlements.written_off_day[invoice]
    worth = rows["amount"] * (1 + rate) ** (-after / 365) * (after <= within)
    return np.bincount(invoice, worth, minlength=len(world.invoices))


def _compare(world, back, *, rate=0.0, within=NEVER):
    """One row per open invoice: what is expected and what was drawn, a large amount cut off."""
    told = tell_open_losses(
        world, as_of_day=world.timeline.end_day - back, yearly_rate=rate, within_days=min(within, 10**6)
    )
    lost = world.settlements.written_off_day[told.position] < NEVER
    amount = np.where(lost, world.settlements.last_part[told.position], 0)
    returned = np.where(lost, _sum_recoveries(world, rate=rate, within=within)[told.position], 0.0)
    weight = np.minimum(1.0, 1_000_000 / told.open_amount)
    return pd.DataFrame(
        {
            "customer": world.invoices.customer[told.position],
            "is_stopped": told.has_stopped,
            "written_off": lost,
            "p_written_off": told.p_written_off,
            "amount": weight * amount,
            "p_amount": weight * told.p_written_off * told.exposure_share * told.open_amount,
            "loss": weight * (amount - returned),
            "p_loss": weight * told.expected_loss_share * told.open_amount,
            "net": amount - returned,
            "p_net": amount * told.loss_share,
        }
    )


def _count_errors(frame, what):
    """Difference in standard errors; a customer stops once for all its invoices and days: it is one observation."""
    surplus = _sum_surplus(frame, what)
    return surplus.sum() / np.sqrt((surplus**2).sum())


def _count_expected_errors(frame, what):
    """Do the same with the spread that is expected if all of a customer's invoices are lost together, or none.

    Where a few large customers hold much of the sum, the spread that is seen may miss the rarer outcome.
    """
    chance = frame["p_written_off"]
    size = frame[f"p_{what}"] / chance.clip(lower=1e-12)
    together = (size * np.sqrt(chance * (1 - chance))).groupby(frame["customer"]).sum()
    return _sum_surplus(frame, what).sum() / np.sqrt((together**2).sum())


def _sum_surplus(frame, what):
    return (frame[what] - frame[f"p_{what}"]).groupby(frame["customer"]).sum()


MEASURES = ["written_off", "amount", "loss"]


@pytest.fixture(scope="module")
def some(world):
    return pd.concat([_compare(world, back) for back in EARLY], ignore_index=True)


@pytest.mark.parametrize("what", MEASURES)
def test_what_is_expected_agrees_with_what_is_lost(some, what):
    assert some["written_off"].sum() > 100
    assert abs(_count_expected_errors(some, what)) < 3


def test_the_share_of_a_write_off_that_comes_back_agrees_with_the_recoveries(some):
    assert abs(_count_errors(some, "net")) < 3


@pytest.fixture(scope="module")
def many():
    frames = []
    for seed in range(81, 89):
        world = draw_world(2_500, 24, seed, None, DEFAULTS)
        parts = [_compare(world, back, rate=RATE, within=WITHIN) for back in EARLY]
        frames.append(pd.concat(parts).assign(customer=lambda frame, seed=seed: frame["customer"] + seed * 10**5))
    return pd.concat(frames, ignore_index=True)


@pytest.mark.slow
@pytest.mark.parametrize(("is_stopped", "count"), [(False, _count_errors), (True, _count_expected_errors)])
@pytest.mark.parametrize("what", MEASURES)
def test_what_is_expected_of_payers_and_of_stopped_customers_agrees_in_the_large(many, what, is_stopped, count):
    group = many[many["is_stopped"] == is_stopped]
    assert group["written_off"].sum() > 300
    assert abs(count(group, what)) < 3


@pytest.mark.slow
@pytest.mark.parametrize("is_stopped", [False, True])
def test_recoveries_within_their_days_and_at_their_value_agree_in_the_large(many, is_stopped):
    assert abs(_count_errors(many[many["is_stopped"] == is_stopped], "net")) < 3


@pytest.mark.slow
def test_the_chance_of_a_write_off_is_calibrated_in_every_fifth_of_those_that_pay(many):
    group = many[~many["is_stopped"] & (many["p_written_off"] > 0)]
    for _, fifth in group.groupby(pd.qcut(group["p_written_off"], 5)):
        assert abs(_count_expected_errors(fifth, "written_off")) < 3


@pytest.mark.parametrize("past_due", [-12, 3])
@pytest.mark.parametrize("way", ["p_plain", "p_partial", "p_dispute"])
def test_what_a_customer_leaves_unpaid_when_it_stops_is_as_many_draws_of_one_invoice_say(world, way, past_due):
    day, drawn = _repeat(world, way, past_due, 200_000)
    course = drawn.settlements.course
    ended = np.where(course.final_day < NEVER, course.final_day, course.credit_day)
    unpaid = np.flatnonzero((ended >= day) & (course.first_day >= day) & (course.opened_day >= day))
    is_lost = ended[unpaid] == NEVER
    has_first = course.first_day[unpaid] < NEVER
    sight, weights = weigh_open(drawn, unpaid[:1], day)
    told = (weights.lost() / weights.left(day))[0]
    assert is_lost.sum() > 100
    assert abs(told - is_lost.mean()) < 4 * np.sqrt(told / len(unpaid))
    exposure = expect_exposure(drawn, unpaid[:1], sight, weights)[0]
    left = 1 - 0.5 * has_first[is_lost]
    assert abs(exposure - left.mean()) < 4 * left.std() / np.sqrt(is_lost.sum()) + 1e-3
    assert (exposure < 0.9) == (way == "p_partial")


def _repeat(world, way, past_due, count):
    """One invoice of a weak customer many times, always paid in one way, with as many days on which it stops."""
    invoices, paths = world.invoices, world.paths
    weak = paths.strength_at(world.traits.unit[invoices.customer], invoices.due_day.clip(max=world.timeline.end_day))
    fits = (weak <= 1) & (invoices.due_day - invoices.issued_day == 30) & (world.delays.pattern == 0)
    chosen = np.flatnonzero(fits & (invoices.stop == -1))[:1]
    day = int(invoices.due_day[chosen[0]]) + past_due
    still = survive(world, chosen, day, np.arange(LONGEST + 1)[None, :])[0]
    place = np.random.default_rng(4).random(count)
    stop_day = day + np.searchsorted(-still, -place, side="left")
    never = np.full(count, NEVER)
    stops = Stops(invoices.customer[chosen].repeat(count), stop_day, never, never, never, never, never < 0)
    arrays = {field.name: getattr(invoices, field.name)[chosen].repeat(count) for field in fields(invoices)}
    repeated = Invoices(**{**arrays, "stop": np.arange(count)})
    shares = {name: np.full(count, float(name == way)) for name in ("p_discount", "p_partial", "p_dispute")}
    delays = replace(world.delays.take(chosen.repeat(count)), **shares)
    paths = replace(paths, stops=stops)
    course = draw_courses(paths, repeated, delays, runs=world.runs, params=DEFAULTS, seed=9)
    settlements = replace(world.settlements, course=course)
    return day, replace(world, invoices=repeated, delays=delays, paths=paths, settlements=settlements)


def test_the_open_amount_is_what_the_written_book_shows(portfolio, written):
    as_of = date(2025, 6, 2)
    told = tell_open_losses(draw_world(220, 27, 5, None, DEFAULTS), as_of_day=day_of(as_of))
    shown = _read_open_amounts(written / "book", as_of)
    assert portfolio.name == "simulated-220-27-5"
    assert told.open_amount.tolist() == [shown[invoice] for invoice in told.invoice_id]


def _read_open_amounts(book, as_of):
    """Cents left of each invoice by what is known before a day."""
    left = {row["invoice_id"]: cents(row["amount"]) for row in read(book, "invoices")}
    for table, known in (("allocations", "known_on"), ("write_offs", "written_off_on")):
        for row in read(book, table):
            if date.fromisoformat(row[known]) < as_of:
                left[row["invoice_id"]] -= cents(row["amount"])
    return left


@pytest.fixture(scope="module")
def tellings(world):
    return [tell_open_losses(world, as_of_day=world.timeline.end_day - back) for back in range(60, 540, 60)]


def test_the_tool_tells_the_same_of_several_days(world, tellings):
    days = [date_of(told.as_of_day) for told in tellings[:2]]
    frame = tell_truth_losses(customers=600, months=24, seed=6, days=days)
    assert len(frame) == sum(len(told) for told in tellings[:2])
    for day, told in zip(days, tellings, strict=False):
        rows = frame[frame["as_of"] == pd.Timestamp(day)]
        assert rows["invoice_id"].tolist() == told.invoice_id.tolist()
        assert np.array_equal(rows["expected_loss_share"], told.expected_loss_share)
        assert (rows["lost_amount"] <= rows["open_amount"]).all()
        assert (rows.loc[~rows["is_written_off"], "lost_amount"] == 0).all()


def test_what_a_customer_that_has_resumed_owes_is_not_lost(world, tellings):
    seen = 0
    for told in tellings:
        stop = world.invoices.stop[told.position]
        has_resumed = np.append(world.paths.stops.resume_day, NEVER)[stop] <= told.as_of_day
        assert (told.p_written_off[has_resumed] == 0).all()
        assert not told.has_stopped[has_resumed].any()
        seen += has_resumed.sum()
    assert seen > 0


def test_a_stop_that_has_lasted_longer_than_any_cure_is_a_failure(world):
    lost = world.settlements.written_off_day
    waited = lost - np.append(world.paths.stops.stop_day, NEVER)[world.invoices.stop]
    old = np.flatnonzero((lost <= world.timeline.end_day) & (waited >= DEFAULTS.cure_days[1]))
    told = tell_open_losses(world, as_of_day=int(lost[old[0]]))
    assert told.p_written_off[told.position == old[0]] > 0.99
    assert told.has_stopped[told.position == old[0]]


def test_a_fresh_stop_is_a_failure_unless_it_is_cured_or_the_invoice_credited(world, tellings):
    seen, fail = 0, 1 - DEFAULTS.cure_share
    for told in tellings:
        waited = told.as_of_day - np.append(world.paths.stops.stop_day, NEVER)[world.invoices.stop[told.position]]
        fresh = (waited > 60) & (waited < 150)
        assert (told.p_written_off[fresh] <= fail).all()
        undisputed = fresh & (world.settlements.course.opened_day[told.position] == NEVER)
        least = fail * (1 - world.delays.p_dispute[told.position][undisputed])
        assert (told.p_written_off[undisputed] > least).all()
        seen += fresh.sum()
    assert seen > 5


def test_recoveries_count_within_their_days_and_at_their_value(world):
    day = world.timeline.end_day - 300
    every, none, soon, cheap = (
        tell_open_losses(world, as_of_day=day, yearly_rate=rate, within_days=within).loss_share
        for rate, within in ((0.0, None), (0.0, 10), (0.0, 120), (0.5, None))
    )
    assert (none == 1).all()
    assert np.isclose(every.max(), 1 - 0.55 * 1.2 / 5.2)
    assert np.isclose(soon.max(), 1)
    assert soon.min() < 0.4
    assert ((every < cheap) & (cheap < 1)).all()
    assert (soon < cheap).any()


def test_an_invoice_that_may_be_paid_already_is_lost_less_often(world, tellings):
    told = tellings[3]
    p_unpaid = tell_open_items(world, as_of_day=told.as_of_day).p_unpaid
    going = np.append(world.paths.stops.stop_day, NEVER)[world.invoices.stop[told.position]] > told.as_of_day
    _, weights = weigh_open(world, told.position[going], told.as_of_day)
    p_lost = p_unpaid[going] * weights.lost() / weights.left(told.as_of_day) * (1 - DEFAULTS.cure_share)
    assert np.allclose(told.p_written_off[going], p_lost, rtol=1e-6, atol=1e-9)
    assert (p_unpaid[going] < 0.9).sum() > 5


def test_security_that_is_valid_at_the_stop_returns_its_share_and_the_estate_a_part_of_the_rest(world, tellings):
    held = draw_securities(world.traits, timeline=world.timeline, params=world.params, seed=world.seed)
    seen, estate = 0, 0.55 * 1.2 / 5.2
    for told in tellings:
        stop = world.invoices.stop[told.position]
        customer, stop_day = world.invoices.customer[told.position], np.append(world.paths.stops.stop_day, NEVER)[stop]
        has_stopped = stop_day < told.as_of_day
        cover = held.cover_at(customer[has_stopped], stop_day[has_stopped])
        assert np.allclose(told.loss_share[has_stopped], (1 - cover) * (1 - estate))
        seen += (cover > 0).sum()
        valid = np.isin(
            customer, held.customer[(held.begin_day < told.as_of_day) & (held.end_day > told.as_of_day + 300)]
        )
        sure = ~has_stopped & valid & (told.p_written_off > 1e-6)
        assert np.allclose(told.loss_share[sure], (1 - held.realised[customer[sure]]) * (1 - estate))
    assert seen > 5


def test_the_truth_of_losses_knows_nothing_that_is_drawn_after_its_day(world):
    day = world.timeline.end_day - 240
    one, other = (tell_open_losses(drawn, as_of_day=day) for drawn in (world, change_after(world, day)))
    for name in ("position", "open_amount", "has_stopped", "p_written_off", "exposure_share", "loss_share"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    one, other = (tell_open_losses(drawn, as_of_day=day + 60) for drawn in (world, change_after(world, day)))
    assert one.p_written_off.mean() != other.p_written_off.mean()


def test_a_security_that_is_given_after_the_day_is_not_foreseen(world):
    held = draw_securities(world.traits, timeline=world.timeline, params=world.params, seed=world.seed)
    bare, seen = 1 - 0.55 * 1.2 / 5.2, 0
    for back in (700, 650, 600, 400):
        told = tell_open_losses(world, as_of_day=world.timeline.end_day - back)
        later = np.isin(world.invoices.customer[told.position], held.customer[held.begin_day >= told.as_of_day])
        assert np.allclose(told.loss_share[later], bare)
        seen += later.sum()
    assert seen > 0


def test_it_tells_of_the_invoices_that_are_open(world):
    told = tell_open_losses(world, as_of_day=world.timeline.end_day - 50)
    assert np.array_equal(told.position, find_open(world, told.as_of_day))
    assert len(told) == len(told.invoice_id) > 500
    assert (told.open_amount > 0).all()
    assert len(tell_open_losses(world, as_of_day=world.timeline.start_day)) == 0


def test_a_day_outside_the_portfolio_is_refused(world):
    with pytest.raises(InputError, match="not a day of this portfolio"):
        tell_open_losses(world, as_of_day=world.timeline.end_day + 2)

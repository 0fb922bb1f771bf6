"""A synthetic portfolio with known truth: all canonical tables, and the chances behind their outcomes."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from arrisk.errors import InputError
from arrisk.frames import NEVER, concat, date_of, to_dates
from arrisk.sim import collateral, conditions, credit, documents, losses, receipts
from arrisk.sim.accounts import build_financials
from arrisk.sim.attributes import build_attributes
from arrisk.sim.chain import Chain, build_chain
from arrisk.sim.courses import draw_courses
from arrisk.sim.customers import Traits, build_customers, draw_traits
from arrisk.sim.defaults import Defaults, find_defaults
from arrisk.sim.delays import Delays, build_delays
from arrisk.sim.invoices import Invoices, draw_invoices
from arrisk.sim.lags import tabulate_lags
from arrisk.sim.params import BOOK_CURRENCY, DEFAULTS, INDUSTRIES, Shock, SimulationParameters
from arrisk.sim.paths import Paths, simulate_paths
from arrisk.sim.rebates import Rebates, draw_rebates
from arrisk.sim.settlements import Settlements, settle
from arrisk.sim.tables import finish, make_ids
from arrisk.sim.timeline import Floats, Runs, Timeline, build_runs, build_timeline, month_of
from arrisk.sim.truth import default_chances, late_chances


@dataclass(frozen=True)
class Portfolio:
    """A simulated book and the truth behind it.

    Parameters
    ----------
    name, currency, extract_end_on : as in `book.toml`.
    tables : canonical tables as a user hands them in: dates datetime64[s], amounts in decimal major units.
    truth_invoices : one row per invoice (invoice_id, p_late, p_late_30).
    truth_customers : one row per customer and quarter start on which it is not in default (customer_id,
        as_of, p_default_12m, defaulted: 1, 0, or missing when the 365 days reach beyond the extract).
    """

    name: str
    currency: str
    extract_end_on: date
    tables: dict[str, pd.DataFrame]
    truth_invoices: pd.DataFrame
    truth_customers: pd.DataFrame


@dataclass(frozen=True)
class _World:
    """Everything drawn, before it is cut at the end of the extract."""

    params: SimulationParameters
    timeline: Timeline
    runs: Runs
    chain: Chain
    traits: Traits
    paths: Paths
    invoices: Invoices
    delays: Delays
    rebates: Rebates
    settlements: Settlements
    receipts: receipts.Receipts
    notes: pd.DataFrame
    rates: conditions.Rates
    seed: int


def simulate_portfolio(
    *,
    customers: int,
    months: int,
    seed: int,
    shock: Shock | None = None,
    params: SimulationParameters = DEFAULTS,
) -> Portfolio:
    """Simulate the ledger of a company and everything known about its customers.

    Parameters
    ----------
    customers : number of customers, newcomers included.
    months : months of history; the last day is `params.end_on`.
    seed : the same seed gives the same portfolio.
    shock : a surprise in one month (see `Shock`); None = ordinary times.
    params : the parameters; the defaults are those whose difficulty is documented.

    Raises
    ------
    InputError
        When a number is too small, or the shock does not fit.

    Examples
    --------
    >>> portfolio = simulate_portfolio(customers=30, months=6, seed=1)
    >>> portfolio.currency, len(portfolio.truth_invoices) > 100
    ('EUR', True)
    """
    _refuse_bad(customers, months, seed, shock)
    world = _draw_world(customers, months, seed, shock, params)
    stops = world.paths.stops
    defaults = find_defaults(
        world.traits,
        world.invoices,
        world.settlements,
        world.receipts,
        world.notes,
        stops,
        rates=world.rates,
        params=params,
    )
    tables = _build_tables(world)
    return Portfolio(
        name=f"simulated-{customers}-{months}-{seed}",
        currency=BOOK_CURRENCY,
        extract_end_on=date_of(world.timeline.end_day),
        tables=tables,
        truth_invoices=_tell_invoices(world),
        truth_customers=_tell_customers(world, defaults),
    )


def _refuse_bad(customers: int, months: int, seed: int, shock: Shock | None) -> None:
    for value, least, name in ((customers, 2, "customers"), (months, 1, "months"), (seed, 0, "seed")):
        if value < least:
            raise InputError(
                f"{name} is {value}, but must be at least {least}", hint=f"a larger number of {name}"
            )
    if shock is None:
        return
    if not 1 <= shock.start_month <= months:
        raise InputError(f"the shock begins in month {shock.start_month} of {months}", hint=f"1 to {months}")
    if shock.industry not in (None, *INDUSTRIES):
        raise InputError(f"no industry is named '{shock.industry}'", hint="one of: " + ", ".join(INDUSTRIES))


def _draw_world(
    customers: int, months: int, seed: int, shock: Shock | None, params: SimulationParameters
) -> _World:
    timeline = build_timeline(months=months, end_on=params.end_on, burn_in_months=params.burn_in_months)
    runs = build_runs(timeline)
    chain = build_chain(params, shock)
    traits = draw_traits(customers=customers, timeline=timeline, params=params, seed=seed)
    paths = simulate_paths(traits, chain, timeline=timeline, params=params, shock=shock, seed=seed)
    invoices = draw_invoices(traits, paths, timeline=timeline, params=params, seed=seed)
    delays = build_delays(traits, paths, invoices, chain=chain, runs=runs, params=params)
    rebates = draw_rebates(traits, invoices, timeline=timeline, seed=seed)
    course = draw_courses(paths, invoices, delays, runs=runs, params=params, seed=seed)
    settlements = settle(traits, paths.stops, invoices, course, rebates, params=params, seed=seed)
    return _World(
        params=params,
        timeline=timeline,
        runs=runs,
        chain=chain,
        traits=traits,
        paths=paths,
        invoices=invoices,
        delays=delays,
        rebates=rebates,
        settlements=settlements,
        receipts=receipts.gather_receipts(
            invoices, settlements, end_day=timeline.end_day, params=params, seed=seed
        ),
        notes=documents.list_credit_notes(invoices, settlements, rebates),
        rates=conditions.draw_rates(timeline=timeline, seed=seed),
        seed=seed,
    )


def _build_tables(world: _World) -> dict[str, pd.DataFrame]:
    """Give every canonical table, cut at the end of the extract."""
    end = world.timeline.end_day
    return {**_ledger_tables(world, end), **_failure_tables(world, end), **_evidence_tables(world, end)}


def _ledger_tables(world: _World, end: int) -> dict[str, pd.DataFrame]:
    allocations = [
        receipts.build_allocations(world.receipts),
        documents.build_credit_allocations(world.notes),
    ]
    applied = pd.concat(allocations, ignore_index=True).sort_values(
        "applied_on", kind="stable", ignore_index=True
    )
    invoices = documents.build_invoices(world.traits, world.invoices, world.notes)
    payments = receipts.build_payments(world.traits, world.receipts, seed=world.seed)
    disputes = documents.build_disputes(world.invoices, world.settlements, end_day=end, seed=world.seed)
    return {
        "invoices": finish(invoices, end_day=end, event="issued_on", planned=("due_on",)),
        "payments": finish(payments, end_day=end, event="paid_on"),
        "allocations": finish(applied, end_day=end, event="applied_on"),
        "disputes": finish(disputes, end_day=end, event="opened_on", late=("resolved_on",)),
    }


def _failure_tables(world: _World, end: int) -> dict[str, pd.DataFrame]:
    stops, seed = world.paths.stops, world.seed
    securities = collateral.draw_securities(
        world.traits, timeline=world.timeline, params=world.params, seed=seed
    )
    write_offs = losses.build_write_offs(world.invoices, world.settlements, seed=seed)
    recoveries = losses.build_recoveries(world.invoices, world.settlements, stops, securities, seed=seed)
    events = losses.build_credit_events(stops, seed=seed)
    held = collateral.build_collateral(world.traits, securities)
    return {
        "write_offs": finish(write_offs, end_day=end, event="written_off_on"),
        "recoveries": finish(recoveries, end_day=end, event="recovered_on"),
        "credit_events": finish(events, end_day=end, event="occurred_on", money=()),
        "collateral": finish(held, end_day=end, event="valid_from_on", planned=("valid_to_on",)),
    }


def _evidence_tables(world: _World, end: int) -> dict[str, pd.DataFrame]:
    traits, paths, timeline, seed = world.traits, world.paths, world.timeline, world.seed
    customers = build_customers(traits, timeline=timeline, seed=seed)
    limits = credit.build_limits(traits, paths.stops, timeline=timeline, seed=seed)
    applications = credit.build_applications(traits, timeline=timeline, rates=world.rates, seed=seed)
    orders = credit.build_orders(traits, world.invoices, end_day=end, seed=seed)
    financials = build_financials(traits, paths, timeline=timeline, params=world.params, seed=seed)
    attributes = build_attributes(traits, paths, timeline=timeline, params=world.params, seed=seed)
    series = conditions.build_conditions(paths, timeline=timeline, seed=seed)
    asked = ("requested_limit", "expected_monthly_sales")
    return {
        "customers": finish(
            customers, end_day=end, event="onboarded_on", planned=("incorporated_on",), money=()
        ),
        "limits": finish(
            limits, end_day=end, event="valid_from_on", planned=("valid_to_on",), money=("limit_amount",)
        ),
        "applications": finish(applications, end_day=end, event="applied_on", money=asked),
        "orders": finish(orders, end_day=end, event="ordered_on", late=("shipped_on", "invoiced_on")),
        "financials": finish(financials, end_day=end, event="period_end_on", money=()),
        "attributes": finish(attributes, end_day=end, event="known_on", money=()),
        "rates": finish(conditions.build_rates(world.rates), end_day=end, event="rate_on", money=()),
        "conditions": finish(series, end_day=end, event="period_on", money=()),
    }


def _tell_invoices(world: _World) -> pd.DataFrame:
    """Truth of the invoices that are in the extract."""
    chances = late_chances(
        world.traits,
        world.paths,
        world.invoices,
        world.delays,
        chain=world.chain,
        runs=world.runs,
        params=world.params,
        tolerances=(0, 30),
    )
    seen = np.flatnonzero(world.invoices.issued_day <= world.timeline.end_day)
    ids = make_ids("I", seen, 8)
    return pd.DataFrame({"invoice_id": ids, "p_late": chances[seen, 0], "p_late_30": chances[seen, 1]})


def _tell_customers(world: _World, defaults: Defaults) -> pd.DataFrame:
    """Truth of the customers that are not in default on each quarter start."""
    timeline, params = world.timeline, world.params
    lag = tabulate_lags(
        world.traits, world.chain, first_day=timeline.first_day, runs=world.runs, params=params
    )
    days = np.arange(timeline.start_day + 1, timeline.end_day + 1)
    quarters = days[(month_of(days) % 3 == 0) & (month_of(days - 1) != month_of(days))]
    # A book of less than a quarter asks nothing; its truth has the columns all the same.
    nothing = _tell_quarter(world, defaults, lag, timeline.start_day).iloc[:0]
    return concat([nothing, *(_tell_quarter(world, defaults, lag, int(day)) for day in quarters)])


def _tell_quarter(world: _World, defaults: Defaults, lag: Floats, day: int) -> pd.DataFrame:
    stops = world.paths.stops
    onboarded = np.flatnonzero(world.traits.onboarded_day < day)
    in_default = stops.customer[(defaults.begin_day < day) & (day < defaults.end_day)]
    customers = np.setdiff1d(onboarded, in_default, assume_unique=False)
    stop = stops.find_next(customers, np.full(len(customers), day))
    stopped = np.append(stops.stop_day, NEVER)[stop] <= day
    chance = np.ones(len(customers))
    asked = np.flatnonzero(~stopped)
    chance[asked] = default_chances(
        world.traits, world.paths, customers[asked], day, chain=world.chain, lag=lag[customers[asked]]
    )
    begins = np.append(defaults.begin_day, NEVER)[stop]
    outcome = ((begins >= day) & (begins < day + 365)).astype(float)
    return pd.DataFrame(
        {
            "customer_id": make_ids("C", customers, 6),
            "as_of": to_dates(np.full(len(customers), day)),
            "p_default_12m": chance,
            "defaulted": outcome if day + 364 <= world.timeline.end_day else np.nan,
        }
    )

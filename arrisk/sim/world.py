"""Everything that is drawn for a portfolio, before it is cut at the end of the extract."""

from dataclasses import dataclass

import pandas as pd

from arrisk.sim import conditions, documents, receipts
from arrisk.sim.chain import Chain, build_chain
from arrisk.sim.courses import draw_courses
from arrisk.sim.customers import Traits, draw_traits
from arrisk.sim.delays import Delays, build_delays
from arrisk.sim.invoices import Invoices, draw_invoices
from arrisk.sim.params import Shock, SimulationParameters
from arrisk.sim.paths import Paths, simulate_paths
from arrisk.sim.rebates import Rebates, draw_rebates
from arrisk.sim.settlements import Settlements, settle
from arrisk.sim.timeline import Runs, Timeline, build_runs, build_timeline


@dataclass(frozen=True)
class World:
    """The drawn subjects of a portfolio, in the order in which they are drawn."""

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


def draw_world(customers: int, months: int, seed: int, shock: Shock | None, params: SimulationParameters) -> World:
    """Draw one subject after the other, each from random numbers of its own."""
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
    return World(
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
        receipts=receipts.gather_receipts(invoices, settlements, end_day=timeline.end_day, params=params, seed=seed),
        notes=documents.list_credit_notes(invoices, settlements, rebates),
        rates=conditions.draw_rates(timeline=timeline, seed=seed),
        seed=seed,
    )

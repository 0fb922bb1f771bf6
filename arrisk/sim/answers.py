"""The truth of a portfolio as tables: per invoice, and per customer and quarter start."""

import numpy as np
import pandas as pd

from arrisk.frames import NEVER, concat, to_dates
from arrisk.sim.defaults import Defaults, find_defaults
from arrisk.sim.lags import tabulate_lags
from arrisk.sim.tables import make_ids
from arrisk.sim.timeline import Floats, month_of
from arrisk.sim.truth import default_chances, late_chances
from arrisk.sim.world import World

_HORIZON_DAYS = 365


def tell_invoices(world: World) -> pd.DataFrame:
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


def tell_customers(world: World) -> pd.DataFrame:
    """Truth of the customers that are not in default on each quarter start."""
    timeline, params = world.timeline, world.params
    defaults = find_defaults(
        world.traits,
        world.invoices,
        world.settlements,
        world.receipts,
        world.notes,
        world.paths.stops,
        rates=world.rates,
        params=params,
    )
    lag = tabulate_lags(world.traits, world.chain, first_day=timeline.first_day, runs=world.runs, params=params)
    days = np.arange(timeline.start_day + 1, timeline.end_day + 1)
    quarters = days[(month_of(days) % 3 == 0) & (month_of(days - 1) != month_of(days))]
    # A book of less than a quarter asks nothing; its truth has the columns all the same.
    nothing = _tell_quarter(world, defaults, lag, timeline.start_day).iloc[:0]
    return concat([nothing, *(_tell_quarter(world, defaults, lag, int(day)) for day in quarters)])


def _tell_quarter(world: World, defaults: Defaults, lag: Floats, day: int) -> pd.DataFrame:
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
    outcome = ((begins >= day) & (begins < day + _HORIZON_DAYS)).astype(float)
    return pd.DataFrame(
        {
            "customer_id": make_ids("C", customers, 6),
            "as_of": to_dates(np.full(len(customers), day)),
            "p_default_12m": chance,
            "defaulted": outcome if day + _HORIZON_DAYS - 1 <= world.timeline.end_day else np.nan,
        }
    )

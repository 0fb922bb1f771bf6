"""A synthetic portfolio with known truth: all canonical tables, and the chances behind their outcomes."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from arrisk.errors import InputError
from arrisk.frames import date_of
from arrisk.sim.answers import tell_customers, tell_invoices
from arrisk.sim.extract import build_tables
from arrisk.sim.params import BOOK_CURRENCY, DEFAULTS, INDUSTRIES, Shock, SimulationParameters
from arrisk.sim.world import draw_world


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
    world = draw_world(customers, months, seed, shock, params)
    surprise = f"-shock-{shock.start_month}" if shock else ""
    return Portfolio(
        name=f"simulated-{customers}-{months}-{seed}{surprise}",
        currency=BOOK_CURRENCY,
        extract_end_on=date_of(world.timeline.end_day),
        tables=build_tables(world),
        truth_invoices=tell_invoices(world),
        truth_customers=tell_customers(world),
    )


def _refuse_bad(customers: int, months: int, seed: int, shock: Shock | None) -> None:
    for value, least, name in ((customers, 2, "customers"), (months, 1, "months"), (seed, 0, "seed")):
        if value < least:
            raise InputError(f"{name} is {value}, but must be at least {least}", hint=f"a larger number of {name}")
    if shock is None:
        return
    if not 1 <= shock.start_month <= months:
        raise InputError(f"the shock begins in month {shock.start_month} of {months}", hint=f"1 to {months}")
    if shock.industry not in (None, *INDUSTRIES):
        raise InputError(f"no industry is named '{shock.industry}'", hint="one of: " + ", ".join(INDUSTRIES))

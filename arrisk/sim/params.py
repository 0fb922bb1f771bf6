"""Parameters of the simulated portfolio, one frozen value with a comment each.

They are frozen: docs/decisions/0007-simulator-difficulty.md gives the measured difficulty, a test holds it.
"""

from dataclasses import dataclass
from datetime import date

INDUSTRIES = ("automotive", "building", "chemicals", "food", "machinery", "retail", "services", "transport")
SIZES = ("small", "medium", "large")
COUNTRIES = ("DE", "FR", "GB", "IT", "NL", "PL", "SE", "US")
CURRENCIES = ("EUR", "GBP", "SEK", "USD")
TERMS = ("NET14", "NET30", "2/10 NET30", "NET45", "NET60", "EOM30", "NET90")
REGIMES = ("boom", "normal", "stress", "shock")
BOOK_CURRENCY = "EUR"


@dataclass(frozen=True)
class Shock:
    """A surprise: from one day on the whole portfolio, or one industry, is in a fourth macro regime.

    Before it begins the truth does not foresee it; while it lasts the truth knows its chance of ending.
    """

    start_month: int  # month of the portfolio in which it begins, 1 = the first
    mean_months: float = 9.0  # mean length; the day it ends is drawn
    hazard_factor: float = 3.0  # failure hazard during the shock, times the normal one
    extra_days: float = 8.0  # days by which every payment moves later
    industry: str | None = None  # only this industry is hit; None = all


@dataclass(frozen=True)
class SimulationParameters:
    """All numbers behind a simulated portfolio; monthly chances become daily ones by dividing by 30.4."""

    # --- time
    end_on: date = date(2025, 12, 31)  # last day of every extract; the first day follows from the months asked for
    burn_in_months: int = 30  # hidden states run before the first day, so that accounts of earlier years exist
    # --- customers
    newcomers_per_month: float = 0.006  # share of all customers that is onboarded in one month
    size_shares: tuple[float, ...] = (0.70, 0.26, 0.04)
    industry_shares: tuple[float, ...] = (0.09, 0.15, 0.08, 0.14, 0.13, 0.17, 0.16, 0.08)
    country_shares: tuple[float, ...] = (0.32, 0.13, 0.13, 0.10, 0.11, 0.08, 0.06, 0.07)
    group_share: float = 0.10  # share of customers that belong to a group (parent and subsidiaries)
    # --- macro regime: boom, normal, stress, shock; monthly chance of moving on
    boom_to_normal: float = 1 / 14
    normal_to_boom: float = 1 / 24
    normal_to_stress: float = 1 / 30
    stress_to_normal: float = 1 / 9
    regime_down_factors: tuple[float, ...] = (0.8, 1.0, 1.6, 1.8)  # speed of losing strength
    regime_hazard_factors: tuple[float, ...] = (0.8, 1.0, 1.5, 1.0)  # failure hazard; shock: its own factor
    regime_days: tuple[float, ...] = (-1.0, 0.0, 2.5, 0.0)  # days by which payments move; shock: its own days
    # --- financial strength, 0 (about to fail) .. 7 (sound): monthly chances
    strength_up: tuple[float, ...] = (0.12, 0.10, 0.085, 0.070, 0.055, 0.045, 0.030, 0.0)
    strength_down: tuple[float, ...] = (0.0, 0.030, 0.035, 0.040, 0.050, 0.060, 0.070, 0.080)
    strength_hazard: tuple[float, ...] = (0.17, 0.043, 0.012, 0.0037, 0.0013, 0.0005, 0.0003, 0.00015)
    strength_days: tuple[float, ...] = (
        14.0,
        8.0,
        4.0,
        1.5,
        0.0,
        -0.5,
        -1.0,
        -1.5,
    )  # slowing down before failing
    industry_hazard: tuple[float, ...] = (1.1, 1.5, 0.8, 0.9, 0.8, 1.2, 1.0, 1.1)
    size_hazard: tuple[float, ...] = (1.15, 0.8, 0.5)
    # --- payment discipline, 0 (early) .. 5 (always late): monthly chance of moving to a neighbour
    discipline_move: float = 0.05
    discipline_weights: tuple[float, ...] = (0.14, 0.24, 0.25, 0.18, 0.12, 0.07)  # long-run shares
    discipline_days: tuple[float, ...] = (-16.0, -13.0, -10.5, -7.5, -2.0, 8.5)  # centre of days past due
    discipline_spread: tuple[float, ...] = (4.6, 5.2, 5.8, 6.7, 8.0, 10.0)  # logistic scale in days
    # --- what else moves a payment, in days
    country_days: tuple[float, ...] = (-1.5, 0.5, 0.0, 3.5, -1.0, 1.5, -2.0, 0.5)
    industry_days: tuple[float, ...] = (0.0, 2.5, -0.5, -1.0, 0.0, 0.5, -0.5, 1.0)
    terms_days: tuple[float, ...] = (3.5, 0.0, 0.5, -1.0, -2.5, 1.0, -4.0)
    month_days: tuple[float, ...] = (
        1.0,
        0.0,
        -1.0,
        0.0,
        0.0,
        -0.5,
        1.0,
        3.5,
        0.0,
        -0.5,
        0.0,
        3.0,
    )  # by due month
    amount_days: float = 3.5  # per standard deviation of the log amount around the customer's usual one
    newcomer_days: float = 1.5  # in the first half year with us
    latest_days: float = 45.0  # an able customer pays by then at the latest (before its next payment run)
    latest_dispute_days: float = 120.0  # the same for a disputed invoice
    run_shares: tuple[float, ...] = (0.55, 0.30, 0.07, 0.08)  # any day, weekly, twice a month, monthly
    # --- how an invoice is paid
    partial_share: float = 0.025  # paid in two parts, before the factors of strength
    partial_factors: tuple[float, ...] = (5.0, 3.0, 2.0, 1.3, 1.0, 0.8, 0.7, 0.6)
    partial_days: float = 16.0  # the second part comes that much later
    dispute_shares: tuple[float, ...] = (0.03, 0.06, 0.02, 0.03, 0.03, 0.05, 0.03, 0.04)  # by industry
    dispute_days: float = 26.0
    dispute_spread: float = 9.0
    full_credit_share: float = 0.12  # disputes that end in a full credit note
    part_credit_share: float = 0.33  # ... in a credit note for a part
    goodwill_share: float = 0.10  # ... in a commercial write-off of a part
    discount_taken: float = 0.65  # chance that a sound customer takes 2 % for ten days
    return_share: float = 0.015  # invoices partly credited soon after issue
    short_share: float = 0.02  # payments short of bank charges, written off later
    overpaid_share: float = 0.003  # receipts with an amount that belongs to no invoice
    # --- sales
    invoices_per_month: tuple[float, ...] = (0.9, 2.6, 9.0)  # median customer of a size
    invoices_spread: float = 0.65  # standard deviation of the log rate between customers
    amount_medians: tuple[float, ...] = (1_100.0, 3_800.0, 12_000.0)  # in the customer's currency
    amount_spread_between: float = 0.7  # standard deviation of log amounts between customers
    amount_spread_within: float = 0.8  # ... between the invoices of one customer
    other_terms_share: float = 0.08  # invoices on other terms than the customer's usual ones
    # --- failure: days after the customer stops paying
    cure_share: float = 0.25  # stops that end in full payment after all
    event_days: tuple[int, int] = (20, 110)  # the credit event becomes known
    hold_days: tuple[int, int] = (15, 60)  # we stop delivering, at the latest
    cure_days: tuple[int, int] = (185, 300)  # the cured customer pays again
    write_off_days: tuple[int, int] = (200, 320)
    # --- evidence beside the ledger
    published_share: tuple[float, ...] = (0.55, 0.85, 0.97)  # customers whose accounts are published, by size
    accounts_noise: float = 0.9  # standard deviation of a ratio, in levels of strength
    publication_days: tuple[int, int] = (120, 330)  # accounts known after the end of their year
    bureau_noise: float = 1.3  # standard deviation of the bureau score, in levels of strength
    secured_share: float = 0.15
    ordered_share: float = 0.4  # customers whose sales begin with an order
    # --- the default definition that the truth follows (days, share of the open balance, book currency)
    default_days: int = 90
    materiality_share: float = 0.01
    materiality_amount: float = 500.0
    probation_days: int = 90


DEFAULTS = SimulationParameters()

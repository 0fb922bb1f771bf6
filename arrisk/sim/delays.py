"""When an invoice is paid: its explicit distribution, given the hidden state on the day of issue.

An invoice is paid plainly, in two parts, after a dispute, or early for a discount. Days past due of the first
three follow a logistic law, cut off at both ends and rounded up to the customer's next payment run.
"""

from dataclasses import dataclass

import numpy as np

from arrisk.sim.chain import Chain
from arrisk.sim.customers import Traits
from arrisk.sim.invoices import Invoices, offers_discount
from arrisk.sim.params import SimulationParameters
from arrisk.sim.paths import Paths
from arrisk.sim.timeline import Floats, Ints, Runs, month_of

DISCOUNT_DAYS = 10
_NEW_DAYS = 183


@dataclass(frozen=True)
class Law:
    """A logistic law of days past due, cut off: one element per invoice."""

    centre: Floats
    scale: Floats
    lowest: Floats
    highest: Floats

    def take(self, chosen: Ints) -> "Law":
        """Give the laws of some invoices."""
        return Law(self.centre[chosen], self.scale[chosen], self.lowest[chosen], self.highest[chosen])

    def chance(self, days: Floats) -> Floats:
        """Chance of being at most some days past due."""
        low, high = self._ends()
        inside = _logistic((days - self.centre) / self.scale)
        return np.clip((inside - low) / (high - low), 0.0, 1.0)

    def quantile(self, chances: Floats) -> Floats:
        """Days past due that are exceeded with one minus the chance."""
        low, high = self._ends()
        share = np.clip(low + chances * (high - low), 1e-15, 1 - 1e-15)
        days = self.centre + self.scale * np.log(share / (1 - share))
        return np.clip(days, self.lowest, self.highest)

    def _ends(self) -> tuple[Floats, Floats]:
        return _logistic((self.lowest - self.centre) / self.scale), _logistic((self.highest - self.centre) / self.scale)


def _logistic(values: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(values, -500, 500)))


@dataclass(frozen=True)
class Delays:
    """The mixture behind each invoice: chance and law of each way of paying."""

    plain: Law
    partial: Law
    disputed: Law
    p_discount: Floats
    p_partial: Floats
    p_dispute: Floats
    discount_day: Ints  # last run within the discount period
    pattern: Ints  # payment runs

    def take(self, chosen: Ints) -> "Delays":
        """Give the mixtures of some invoices."""
        return Delays(
            plain=self.plain.take(chosen),
            partial=self.partial.take(chosen),
            disputed=self.disputed.take(chosen),
            p_discount=self.p_discount[chosen],
            p_partial=self.p_partial[chosen],
            p_dispute=self.p_dispute[chosen],
            discount_day=self.discount_day[chosen],
            pattern=self.pattern[chosen],
        )


def build_delays(
    traits: Traits,
    paths: Paths,
    invoices: Invoices,
    *,
    chain: Chain,
    runs: Runs,
    params: SimulationParameters,
) -> Delays:
    """Look up the hidden state on the day of issue and give each invoice its mixture."""
    strength = paths.strength_at(traits.unit[invoices.customer], invoices.issued_day)
    discipline = paths.discipline_at(invoices.customer, invoices.issued_day)
    centre = _centre(traits, paths, invoices, strength, discipline, chain, params)
    scale = np.array(params.discipline_spread)[discipline]
    lowest = (invoices.issued_day - invoices.due_day).astype(np.float64)
    latest, latest_dispute = np.full((2, len(centre)), [[params.latest_days], [params.latest_dispute_days]])
    pattern = traits.run_pattern[invoices.customer]
    p_dispute = _dispute_share(traits, invoices, strength, params)
    p_partial = _partial_share(invoices, strength, params)
    discount_day = runs.last_run(pattern, invoices.issued_day + DISCOUNT_DAYS)
    p_discount = params.discount_taken * np.where(strength >= 3, 1.0, 0.3) * (1 - 0.12 * discipline)
    can_take = offers_discount(invoices.terms) & (discount_day > invoices.issued_day)
    return Delays(
        plain=Law(centre, scale, lowest, latest),
        partial=Law(centre + params.partial_days, 1.2 * scale, lowest, latest),
        disputed=Law(centre + params.dispute_days, np.full(len(centre), params.dispute_spread), lowest, latest_dispute),
        p_discount=np.where(can_take, p_discount, 0.0) * (1 - p_dispute - p_partial),
        p_partial=p_partial,
        p_dispute=p_dispute,
        discount_day=discount_day,
        pattern=pattern,
    )


def _centre(
    traits: Traits,
    paths: Paths,
    invoices: Invoices,
    strength: Ints,
    discipline: Ints,
    chain: Chain,
    params: SimulationParameters,
) -> Floats:
    industry, customer = traits.industry[invoices.customer], invoices.customer
    is_new = invoices.issued_day - traits.onboarded_day[customer] < _NEW_DAYS
    centre: Floats = np.array(params.discipline_days)[discipline] + np.array(params.strength_days)[strength]
    centre += chain.regime_days[industry, paths.regime_at(invoices.issued_day)]
    centre += np.array(params.country_days)[traits.country[customer]] + np.array(params.industry_days)[industry]
    centre += np.array(params.terms_days)[invoices.terms] + np.array(params.month_days)[month_of(invoices.due_day)]
    return centre + params.amount_days * np.clip(invoices.relative_amount, -2.5, 2.5) + params.newcomer_days * is_new


def _dispute_share(traits: Traits, invoices: Invoices, strength: Ints, params: SimulationParameters) -> Floats:
    base: Floats = np.array(params.dispute_shares)[traits.industry[invoices.customer]]
    return np.minimum(base * np.exp(0.35 * invoices.relative_amount) * np.where(strength <= 1, 1.6, 1.0), 0.3)


def _partial_share(invoices: Invoices, strength: Ints, params: SimulationParameters) -> Floats:
    base = params.partial_share * np.array(params.partial_factors)[strength]
    return np.minimum(base * np.exp(0.4 * invoices.relative_amount), 0.3)

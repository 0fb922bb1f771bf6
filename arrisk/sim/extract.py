"""The canonical tables of a portfolio, as an extract on its last day gives them."""

import pandas as pd

from arrisk.sim import collateral, conditions, credit, documents, losses, receipts
from arrisk.sim.accounts import build_financials
from arrisk.sim.attributes import build_attributes
from arrisk.sim.customers import build_customers
from arrisk.sim.tables import finish
from arrisk.sim.world import World


def build_tables(world: World) -> dict[str, pd.DataFrame]:
    """Give every canonical table, cut at the end of the extract."""
    end = world.timeline.end_day
    return {**_ledger_tables(world, end), **_failure_tables(world, end), **_evidence_tables(world, end)}


def _ledger_tables(world: World, end: int) -> dict[str, pd.DataFrame]:
    allocations = [
        receipts.build_allocations(world.receipts),
        documents.build_credit_allocations(world.notes),
    ]
    applied = pd.concat(allocations, ignore_index=True).sort_values("applied_on", kind="stable", ignore_index=True)
    invoices = documents.build_invoices(world.traits, world.invoices, world.notes)
    payments = receipts.build_payments(world.traits, world.receipts, seed=world.seed)
    disputes = documents.build_disputes(world.invoices, world.settlements, end_day=end, seed=world.seed)
    return {
        "invoices": finish(invoices, end_day=end, event="issued_on", planned=("due_on",)),
        "payments": finish(payments, end_day=end, event="paid_on"),
        "allocations": finish(applied, end_day=end, event="applied_on"),
        "disputes": finish(disputes, end_day=end, event="opened_on", late=("resolved_on",)),
    }


def _failure_tables(world: World, end: int) -> dict[str, pd.DataFrame]:
    stops, seed = world.paths.stops, world.seed
    securities = collateral.draw_securities(world.traits, timeline=world.timeline, params=world.params, seed=seed)
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


def _evidence_tables(world: World, end: int) -> dict[str, pd.DataFrame]:
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
        "customers": finish(customers, end_day=end, event="onboarded_on", planned=("incorporated_on",), money=()),
        "limits": finish(limits, end_day=end, event="valid_from_on", planned=("valid_to_on",), money=("limit_amount",)),
        "applications": finish(applications, end_day=end, event="applied_on", money=asked),
        "orders": finish(orders, end_day=end, event="ordered_on", late=("shipped_on", "invoiced_on")),
        "financials": finish(financials, end_day=end, event="period_end_on", money=()),
        "attributes": finish(attributes, end_day=end, event="known_on", money=()),
        "rates": finish(conditions.build_rates(world.rates), end_day=end, event="rate_on", money=()),
        "conditions": finish(series, end_day=end, event="period_on", money=()),
    }

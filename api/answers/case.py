"""Cases and held orders as answers."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from api.answers.base import to_amounts, to_plain, write_amount
from api.schemas.case import CaseAnswer, CaseRow, HoldReason, OrderAnswer, OverrideReason, StepAnswer
from arrisk.decisions.cases import MOVES, Case
from arrisk.policy import Policy
from arrisk.uses import papers
from arrisk.uses.holding import Holds


def describe_case_row(case: Case, *, on: date) -> CaseRow:
    """Give a case as a row of a list; ``on`` is the day on which it is read."""
    return CaseRow(**_list_facts(case, on=on))


def describe_case(case: Case, *, on: date, policy: Policy) -> CaseAnswer:
    """Give a case with all that it holds."""
    overrides = [OverrideReason(code=one.code, text=one.text) for one in policy.authority.overrides]
    return CaseAnswer(
        **_list_facts(case, on=on),
        moves=list(MOVES[case.stand(on)]),
        override_reasons=overrides,
        proposal=papers.state_proposal(case),
        basis=papers.state_basis(case),
        snapshot=dict(case.snapshot),
        decision=dict(case.decision),
        approvals=[dict(one) for one in case.approvals],
        letter=dict(case.letter),
        asked=dict(case.asked),
        steps=[StepAnswer(at=step.at, by=step.by, action=step.action) for step in case.steps],
    )


def _list_facts(case: Case, *, on: date) -> dict[str, Any]:
    currency = str(case.snapshot.get("currency", ""))
    recommended = case.snapshot.get("recommendation", {}).get("recommended_limit")
    amounts = {
        "requested_limit": case.requested_limit,
        "recommended_limit": recommended,
        "decided_limit": case.decision.get("limit"),
    }
    return {
        **{name: None if amount is None else write_amount(amount, currency) for name, amount in amounts.items()},
        "case_id": case.case_id,
        "customer_id": case.customer_id,
        "name": case.name,
        "state": case.stand(on),
        "proposer": case.proposer,
        "as_of": case.snapshot.get("as_of"),
        "currency": currency,
        "version": case.version,
    }


def describe_orders(found: Holds, *, currency: str) -> list[OrderAnswer]:
    """Give orders with the rules that speak against them."""
    reasons: dict[str, list[HoldReason]] = {}
    names = ("rule", "kind", "text", "release_by", "released_by")
    for row in found.reasons.to_dict("records"):
        reasons.setdefault(str(row["order_id"]), []).append(HoldReason(**{name: row[name] for name in names}))
    orders = found.orders
    plain = ("order_id", "customer_id", "limit_kind", "decision", "release_by")
    columns = {name: to_plain(orders[name]) for name in plain}
    columns |= {name: to_amounts(orders[name], currency) for name in ("amount", "exposure_amount", "limit_amount")}
    columns["said"] = to_plain(orders["reasons"])
    columns["ordered_on"] = [day.date() for day in orders["ordered_on"]]
    columns["is_released"] = _find_released(orders)
    rows: list[Mapping[str, Any]] = [
        dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
    ]
    return [OrderAnswer(**row, currency=currency, reasons=reasons.get(row["order_id"], [])) for row in rows]


def _find_released(orders: pd.DataFrame) -> list[bool]:
    return orders["is_released"].tolist() if "is_released" in orders else [False] * len(orders)

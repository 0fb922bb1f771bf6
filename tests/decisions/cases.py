"""Steps of a case, made by hand."""

import math
from dataclasses import dataclass, field
from typing import Any

from arrisk.decisions.cases import Case, replay_cases

RECOMMENDATION = {
    "current_limit": 10_000.0,
    "current_limit_kind": "amount",
    "recommended_limit": 20_000.0,
    "limit_kind": "amount",
    "binding": "expected_loss",
    "binding_words": "the budget for expected loss",
    "reasons": "bound by the budget for expected loss",
    "need_amount": 50_000.0,
    "need_source": "invoices",
    "own_amount": 20_400.0,
    "cover_amount": 0.0,
    "open_amount": 8_000.0,
    "orders_amount": 500.0,
    "recommended_terms_days": 30,
    "deposit_share": 0.1,
    "discount_share": 0.0,
    "review_on": "2025-06-01",
    "valid_to_on": "2026-03-01",
    "caps": {"capacity": 90_000.0, "expected_loss": 20_400.0, "group": None},
}
PARTS = (1.2, 0.8, -0.5, 0.3, 0.2, 0.1)
START = -4.0


def reason(rank, contribution):
    text = f"reason {rank} (usual: 0)"
    named = {"rank": rank, "reason": f"group {rank}", "feature": "mean_days_late", "value": 9.0, "text": text}
    return named | {"contribution": contribution}


def snapshot_of(**changes: Any) -> dict[str, Any]:
    """Give what a case holds, with changes to the recommendation."""
    every = [reason(rank, part) for rank, part in enumerate(PARTS, start=1)]
    margin = START + math.fsum(PARTS)
    return {
        "as_of": "2025-03-01",
        "currency": "EUR",
        "customer": {"customer_id": "A", "name": "Alder & Co <Ltd>", "country": "DE"}
        | dict.fromkeys(("industry", "legal_form", "incorporated_on", "onboarded_on", "parent_id")),
        "risk": {"p_default_12m": 1 / (1 + math.exp(-margin)), "grade": "7", "lgd": 0.5, "depth": "B"},
        "recommendation": RECOMMENDATION | changes,
        "five_cs": {
            name: {"points": 1.5, "known": 2, "asked": 3, "facts": [{"text": f"says {name}", "points": 1.5}]}
            for name in ("character", "capacity", "capital", "conditions", "collateral")
        },
        "reasons": {
            "starting_value": START,
            "margin": margin,
            "all": every,
            "adverse": [dict(one) for one in every if one["contribution"] > 0][:4],
        },
        "features": {"mean_days_late": 9.0, "leverage": None},
        "payments": [["2025-01-31", 4, 100.0, "paid"], ["2025-02-20", 9, 50.0, "open"]],
        "exposure": [["2025-01-01", 5000.0, None], ["2025-02-01", 8000.0, 10_000.0]],
        "ageing": [["not_due", 7950.0], ["1-30", 50.0]],
        "group": [],
        "basis": {"model": "default-12m/test/1", "policy": "abc", "data": "def"},
        "application": {"requested_limit": 40_000.0},
    }


@dataclass(frozen=True)
class Act:
    """One step."""

    action: str
    by: str = "ana"
    at: str = "2025-03-01T09:00:00+00:00"
    content: dict[str, Any] = field(default_factory=dict)


def act(action, *, by="ana", **content):
    return Act(action, by, content={"case_id": "C-0001"} | content)


def opened(*, requested=40_000.0, **changes):
    """Give the steps that bring a case into review."""
    names = {"ledger": "test", "customer_id": "A", "name": "Alder & Co <Ltd>", "requested_limit": requested}
    return [
        act("open", **names),
        act("submit", state="submitted"),
        act("score", state="scored", snapshot=snapshot_of(**changes)),
        act("review", state="in_review"),
    ]


def case_of(*steps, requested=40_000.0, **changes) -> Case:
    """Give a case in review, with more steps after it."""
    return replay_cases([*opened(requested=requested, **changes), *steps])["C-0001"]


def with_step(case: Case, action: str, content: dict[str, Any], *, by: str) -> Case:
    """Give the case after one more step."""
    return replay_cases([*case.steps, Act(action, by, content=content)])[case.case_id]

"""Steps of a collector's record, made by hand."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from arrisk.contacts.accounts import Account, replay_accounts
from arrisk.contacts.actions import Action, Facts
from arrisk.policy import load_policy

POLICY = load_policy().contacts
ON = date(2024, 3, 4)
FACTS = Facts(
    "EUR", 100_000, 0, {"I1": 60_000, "I2": 40_000, "U1": 5_000}, {"I1": "EUR", "I2": "EUR", "U1": "USD"}, {"USD": 0.8}
)


@dataclass(frozen=True)
class Act:
    """One step."""

    action: str
    by: str = "cleo"
    at: str = "2024-03-04T09:00:00+00:00"
    content: dict[str, Any] = field(default_factory=dict)


def do(action: Action, *, account: Account | None = None, on=ON, by="cleo", facts=FACTS, policy=POLICY) -> Account:
    """Give a customer's file after one more action."""
    account = account or Account("A")
    content = action.write(account, facts, on=on, policy=policy) | {"customer_id": account.customer_id}
    step = Act(action.name, by, f"{on}T09:00:00+00:00", content)
    return replay_accounts([step], {account.customer_id: account})[account.customer_id]

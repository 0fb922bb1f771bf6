"""Allowances from given probabilities: a share by days past due, the same whatever the method."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from arrisk.allowance.closes.document import Period, write_document
from arrisk.allowance.closes.entities import take_entity
from arrisk.allowance.closes.states import Close, State
from arrisk.allowance.estimates import Allowance, Estimate, assemble
from arrisk.allowance.exposures import list_exposures
from arrisk.ledger.defaults import list_defaults
from arrisk.policy import Policy, load_policy
from arrisk.schema import Book

POLICY = load_policy()


def given_allowance(book: Book, end: date, *, share: float = 0.1, late_share: float = 0.5) -> Allowance:
    """Give an allowance of a share of what is open, and of another of what is past due."""
    as_of = end + timedelta(days=1)
    episodes = list_defaults(book, as_of=as_of, policy=POLICY)
    exposures = list_exposures(book, episodes, as_of=as_of, age_on=end, policy=POLICY)
    items = exposures.items
    is_invoice = (items["base_amount"] > 0).to_numpy()
    lost = np.where((items["days_past_due"] > 0).to_numpy(), late_share, share) * is_invoice
    ones = np.ones(len(items))
    estimate = Estimate(lost, lost, ones, ones, np.zeros(len(items)), rates=pd.DataFrame())
    return assemble(exposures, estimate, method="given", policy=POLICY.allowance)


def close_of(
    book: Book,
    end: date,
    *,
    last: Close | None = None,
    entity: str = "main",
    state: State = State.POSTED,
    policy: Policy = POLICY,
    **period: object,
) -> Close:
    """Give a close of a book with a given allowance, as if people had brought it to a state."""
    allowance = take_entity(given_allowance(book, end), book, entity=entity, policy=policy)
    document = write_document(
        book,
        allowance,
        Period(entity, end, **period),
        basis={"previous": last.seal if last else ""},
        last=last,
        policy=policy,
    )
    return Close(entity, end, state, document, drafted_by="ana", reviewed_by="ben", posted_by="ana")

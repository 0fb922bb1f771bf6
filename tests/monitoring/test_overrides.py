"""What became of decisions that went against the recommendation, and when somebody has to look."""

from datetime import date

import numpy as np
import pytest

from arrisk.decisions.cases import State, replay_cases
from arrisk.decisions.overrides import list_overrides
from arrisk.frames import day_of
from arrisk.ledger.defaults import list_defaults
from arrisk.monitoring import Matured, check_overrides, follow_overrides
from arrisk.monitoring import State as Found
from arrisk.policy import load_policy
from tests.books import book_of, invoice, payment
from tests.decisions.cases import Act, snapshot_of

POLICY = load_policy()
KNOWN, DECIDED, TODAY = date(2024, 3, 1), date(2024, 3, 4), date(2025, 3, 2)


def case_of(name, limit, *, on=DECIDED, known=KNOWN, code="security", p=0.02, state=State.APPROVED, ledger="test"):
    """Give a case in which 20,000 were recommended and 40,000 asked for, decided by a person."""
    snapshot = snapshot_of() | {"as_of": known.isoformat()}
    snapshot["risk"] = snapshot["risk"] | {"p_default_12m": p}
    own = {"case_id": f"C-{name}", "ledger": ledger, "customer_id": name, "name": name, "requested_limit": 40_000.0}
    terms = {"limit": limit, "conditions": "", "valid_days": 365, "role": "credit manager", "up_to": None}
    said = [
        ("open", own),
        ("submit", {"state": "submitted"}),
        ("score", {"state": "scored", "snapshot": snapshot}),
        ("review", {"state": "in_review"}),
        ("approve" if limit else "decline", {**terms, "override_code": code, "state": state.value}),
    ]
    acts = [Act(name_, "ben", f"{on}T09:00:00+00:00", {"case_id": own["case_id"]} | content) for name_, content in said]
    return replay_cases(acts)[own["case_id"]]


def listed(*cases, before=TODAY):
    return list_overrides(cases, ledger="test", before=before)


def test_what_people_decided_otherwise_is_listed_with_its_risk_and_side():
    found = listed(
        case_of("A", 30_000.0, known=date(2024, 3, 2)),
        case_of("B", 10_000.0),
        case_of("C", 0.0, state=State.DECLINED, p=0.4),
    )
    day = day_of(KNOWN)
    assert found.to_numpy().tolist() == [["B", day, 0.02, False], ["C", day, 0.4, False], ["A", day + 1, 0.02, True]]


@pytest.mark.parametrize(
    "case",
    [
        case_of("A", 20_000.0, code=""),
        case_of("A", 30_000.0, state=State.IN_REVIEW),
        case_of("A", 30_000.0, on=TODAY),
        case_of("A", 30_000.0, ledger="other"),
        case_of("A", 30_000.0, p=None),
    ],
    ids=["as recommended", "one of two approved", "recorded on the day", "of another ledger", "in default then"],
)
def test_what_is_no_override_of_the_ledger_by_then_is_left_out(case):
    assert listed(case).empty


def make_book(*, bad):
    """Give a book of twelve customers; of the first ones the invoice due after the decision is never paid."""
    names = [f"K{number:02d}" for number in range(12)]
    due = {"issued_on": "2024-04-01", "due_on": "2024-05-01", "amount": "1000"}
    earlier = {"issued_on": "2023-06-01", "due_on": "2023-07-01", "settled_on": "2023-07-01"}
    late = [
        invoice(f"I{name}", name, **due, settled_on=None if name in names[:bad] else "2024-05-02") for name in names
    ]
    first = [invoice(f"E{name}", name, **earlier) for name in names]
    return names, book_of(invoices=first + late, payments=[payment("P0", "K11")], extract_end_on=date(2025, 6, 30))


def watched(*, bad, limit, as_of=TODAY):
    names, book = make_book(bad=bad)
    overrides = listed(*(case_of(name, limit) for name in names), before=as_of)
    matured = follow_overrides(overrides, list_defaults(book, as_of=as_of, policy=POLICY), as_of=as_of)
    return matured, check_overrides(matured, is_above=limit > 20_000, policy=POLICY.watch)


@pytest.mark.parametrize(("limit", "side"), [(30_000.0, "above"), (5_000.0, "below")])
def test_more_defaults_than_the_score_said_have_to_be_looked_at(limit, side):
    matured, check = watched(bad=4, limit=limit)
    assert matured.target.tolist() == [1.0] * 4 + [0.0] * 8
    assert (check.about, check.state) == ("decisions", Found.LOOK)
    assert side in check.name
    assert check.note == "4 of 12 customers, 0.2 expected"
    assert watched(bad=0, limit=limit)[1].state == Found.QUIET


def test_the_limit_is_the_policys():
    _, check = watched(bad=1, limit=30_000.0)
    never = POLICY.watch.model_copy(update={"override_p_at_least": 0.0})
    always = POLICY.watch.model_copy(update={"override_p_at_least": 1.0})
    states = [
        check_overrides(watched(bad=1, limit=30_000.0)[0], is_above=True, policy=one).state for one in (never, always)
    ]
    assert states == [Found.QUIET, Found.LOOK]
    assert check.limit == f"at least {POLICY.watch.override_p_at_least:g}"


def test_a_decision_counts_once_its_year_is_over():
    matured, check = watched(bad=4, limit=30_000.0, as_of=date(2025, 2, 28))
    assert (len(matured.target), check.state, check.value) == (0, Found.NOT_YET, None)
    assert len(watched(bad=4, limit=30_000.0, as_of=date(2025, 3, 1))[0].target) == 12


def test_of_a_customer_the_newest_decision_counts_and_few_say_nothing():
    _, book = make_book(bad=1)
    overrides = listed(case_of("K00", 30_000.0, known=date(2024, 2, 1), p=0.5), case_of("K00", 30_000.0, p=0.1))
    matured = follow_overrides(overrides, list_defaults(book, as_of=TODAY, policy=POLICY), as_of=TODAY)
    assert (matured.target.tolist(), matured.probability.tolist()) == ([1.0], [0.1])
    few = Matured(np.ones(9), np.full(9, 0.01), np.arange(9))
    assert check_overrides(few, is_above=True, policy=POLICY.watch).state == Found.NOT_YET

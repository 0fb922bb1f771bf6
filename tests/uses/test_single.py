"""One customer's score from the database: that of the batch, also while rows come in."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from arrisk import registry
from arrisk.errors import InputError, MissingError, ModelError
from arrisk.features import questions_on
from arrisk.frames import day_of
from arrisk.labels import find_in_default
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.default.asking import build_default_features
from arrisk.modeling.default.scorer import parse_default
from arrisk.policy import load_policy
from arrisk.sim import simulate_portfolio
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from arrisk.store.book import read_book
from arrisk.uses.single import SingleScores
from arrisk.uses.training import train_default
from tests.books import raw_of
from tests.databases import EACH_KIND, open_new

POLICY = load_policy()
TRAINED, DAY = date(2025, 1, 1), date(2025, 12, 31)
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(params=EACH_KIND)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a new database of each kind."""
    found = open_new(request.param, tmp_path)
    yield found
    found.close()


@pytest.fixture(scope="module", params=EACH_KIND)
def alder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Path]]:
    """Give a database with a portfolio, and a state folder with its first default model, which scores at once."""
    home = tmp_path_factory.mktemp("alder")
    found = open_new(request.param, home)
    tables = simulate_portfolio(customers=40, months=30, seed=5).tables
    add_batch(found, "alder", Upload(tables, "a test"), fallback_currency="EUR", by="ana", at=NOW.isoformat())
    train_default(read_book(found, "alder"), as_of=TRAINED, home=home, policy=POLICY, at=NOW)
    yield found, home
    found.close()


def compute_batch(database: Database, home: Path) -> dict[str, float]:
    """Predict all customers together who are not in default."""
    book = read_book(database, "alder")
    episodes = list_defaults(book, as_of=DAY, policy=POLICY)
    questions = questions_on(book, as_of_day=day_of(DAY))
    questions = questions.loc[~find_in_default(episodes, questions)].reset_index(drop=True)
    features = build_default_features(book, questions, episodes, policy=POLICY)
    (saved,) = registry.list_models(home)
    p = parse_default(registry.read_files(saved)).model.predict(features)
    return dict(zip(questions["customer_id"], p.tolist(), strict=True))


@pytest.mark.slow
def test_a_customer_scores_from_the_database_as_it_does_among_all(alder: tuple[Database, Path]):
    database, home = alder
    scores = SingleScores(database, home=home, policy=POLICY)
    expected = compute_batch(database, home)
    for customer_id, p in expected.items():
        scored = scores.score("alder", customer_id, as_of=DAY)
        assert scored.score.p_default_12m == p
        assert scored.is_newest
        assert scored.trained_before == TRAINED
    assert scores.score(None, customer_id, as_of=DAY).score.p_default_12m == p

    another = raw_of(invoices=[{**_invoice(), "customer_id": customer_id}], customers=[])
    add_batch(database, "alder", Upload(another, "more"), fallback_currency="EUR", by="ana", at=NOW.isoformat())
    assert not scores.score("alder", customer_id, as_of=DAY).is_newest
    scores.close()
    scored = scores.score("alder", customer_id, as_of=DAY)
    scored = scores.score("alder", customer_id, as_of=DAY)
    assert scored.is_newest
    assert scored.score.p_default_12m == compute_batch(database, home)[customer_id]


def test_what_cannot_be_answered_is_refused(database: Database, tmp_path: Path):
    scores = SingleScores(database, home=tmp_path, policy=POLICY)
    with pytest.raises(InputError, match="there is no ledger yet"):
        scores.score(None, "A", as_of=DAY)
    with pytest.raises(MissingError, match="no ledger 'elm'"):
        scores.score("elm", "A", as_of=DAY)
    raw = raw_of(invoices=[_invoice()])
    add_batch(database, "elm", Upload(raw, "a test"), fallback_currency="EUR", by="ana", at=NOW.isoformat())
    with pytest.raises(ModelError, match="no default model of 'elm'"):
        scores.score("elm", "A", as_of=DAY)


@pytest.mark.slow
def test_a_customer_of_whom_nothing_is_known_is_missing(alder: tuple[Database, Path]):
    database, home = alder
    scores = SingleScores(database, home=home, policy=POLICY)
    with pytest.raises(MissingError, match="nothing was known of the customer 'nobody'"):
        scores.score("alder", "nobody", as_of=DAY)


def _invoice() -> dict[str, object]:
    return {
        "invoice_id": "NEW-1",
        "customer_id": "A",
        "issued_on": "2025-11-01",
        "due_on": "2025-12-01",
        "amount": "9000",
        "currency": "EUR",
    }

"""From a request to what it speaks of: the checked book, and a model that was saved before."""

from datetime import date

from api.deps import Service
from api.fragments import read_tables
from api.schemas.base import BookRequest
from arrisk import pipeline
from arrisk.errors import ModelError
from arrisk.registry import Saved, list_models
from arrisk.schema import Book, Checked, check


def check_book(request: BookRequest, service: Service) -> Checked:
    """Check the rows of a request.

    Raises
    ------
    InputError
        When there are too many of them, a cell holds what no cell may, or no invoice can be used.
    """
    return check(
        read_tables(request.tables, max_rows=service.max_rows),
        name=request.name,
        currency=request.currency or service.policy.book.currency,
        extract_end_on=request.extract_end_on,
    )


def require_curve(service: Service, book: Book, *, as_of: date, name: str | None, instead: str = "") -> Saved:
    """Give the payment curve that a request names, or the newest promoted one of the ledger.

    Parameters
    ----------
    instead : what else may be tried where there is none.

    Raises
    ------
    ModelError
        When there is none that was trained before the day.
    """
    saved = pipeline.find_model(service.home, ledger=book.name, as_of=as_of, name=name)
    if saved is None:
        raise miss_model(service, book, as_of=as_of, what="model", instead=instead)
    return saved


def miss_model(service: Service, book: Book, *, as_of: date, what: str, instead: str = "") -> ModelError:
    """Say that a ledger has no model, and which models there are."""
    there = sorted({f"{one.name}/{one.ledger}" for one in list_models(service.home)})
    other = f", or give the ledger's 'name', or one of these as 'model': {', '.join(there)}" if there else ""
    return ModelError(
        f"no promoted {what} of the ledger '{book.name}' was trained before {as_of}",
        where="name",
        hint=f"run `arrisk train` first{other}{instead}",
    )

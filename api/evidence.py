"""What the allowance of a ledger rests on, kept at hand for whoever looks at it again from another side."""

from collections.abc import Collection
from functools import partial
from typing import Final

from api.moments import Moment
from api.posted import require_curve
from api.views import View
from arrisk.registry import Saved
from arrisk.uses import reserve
from arrisk.uses.reserve import Evidence

_WITHOUT_MODEL: Final = "; 'matrix' and 'roll-rate', each without 'compare', need no model"


def find_curve(view: View, at: Moment, methods: Collection[str]) -> Saved | None:
    """Find the payment curve of a ledger where one of the methods needs it; None = none needs it.

    Raises
    ------
    ModelError
        When it is needed and there is none.
    """
    if "model" not in methods:
        return None
    return require_curve(view.service, view.book, as_of=at.as_of, name=None, instead=_WITHOUT_MODEL)


def gather_evidence(view: View, at: Moment, saved: Saved | None) -> Evidence:
    """Gather what all methods look at, once; what a method made of it before is kept with it."""
    reference = saved.reference if saved else ""
    gather = partial(
        reserve.gather_evidence,
        view.book,
        as_of=at.as_of,
        age_on=at.age_on,
        policy=view.service.policy,
        home=view.service.home,
        model_name=reference or None,
    )
    return view.compute("evidence", at, reference, make=gather, is_large=True)

"""For the credit analyst: what limit a customer would get if facts about it were otherwise."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from api.charts import Caption
from api.pages.customer import draw_caps
from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.visits import Given, Visit, needs
from api.schemas.base import Problem

router = APIRouter(route_class=PageRoute)

_FACTS: Final = ("country", "industry", "legal_form", "incorporated_on", "employees")
_TERMS: Final = ("requested_limit", "terms_days")
_MAIN: Final = ("revenue", "ebit", "net_income", "total_assets", "total_liabilities", "equity")
"""The figures of annual accounts that are asked for at once; the others can be opened."""


@router.get("/customers/{customer_id:path}/what-if")
async def try_what_if(visit: Annotated[Visit, needs("scores.read")], customer_id: str) -> Response:
    """Try what limit a customer would get if facts were otherwise; nothing is kept."""
    query = visit.request.query_params
    as_of = query.get("as_of", "")
    given = Given({name: text.strip() for name, text in query.items() if text.strip()})
    customer, (found, refused) = await asyncio.gather(
        visit.look("/v1/customers/{}", customer_id, as_of=as_of), _try(visit, customer_id, given, as_of)
    )
    accounts = customer["accounts"][0] if customer["accounts"] else None
    figures = [name for name in accounts["figures"] if name not in _MAIN] if accounts else []
    return await visit.render(
        "credit/what_if.html",
        status=refused.status if refused else 200,
        customer=customer,
        as_of=as_of,
        given=given,
        found=found,
        refused=refused,
        facts=_FACTS,
        main=_MAIN,
        more=figures,
        accounts=accounts,
        charts=_draw(found) if found else [],
    )


async def _try(visit: Visit, customer_id: str, given: Given, as_of: str) -> tuple[Any, Problem | None]:
    """Try what was given, or say why it cannot be tried."""
    body = read_changes(given)
    try:
        found = await visit.send("/v1/customers/{}/what-if", customer_id, body=body, ledger=visit.ledger, as_of=as_of)
    except RefusedError as error:
        return None, error.problem
    return found, None


def _draw(found: Mapping[str, Any]) -> list[str]:
    words = {"as_is": "Caps as it is", "as_if": "Caps as it would be"}
    return [draw_caps(found[name], Caption(name, f"{text}, {found['currency']}")) for name, text in words.items()]


def read_changes(given: Mapping[str, str]) -> dict[str, Any]:
    """Give what is supposed to be otherwise as the API takes it: an attribute's field is called ``attribute.NAME``.

    Examples
    --------
    >>> read_changes({"terms_days": "60", "country": "DE", "equity": "9", "attribute.score": "70", "as_of": "x"})
    {'master': {'country': 'DE'}, 'financials': {'equity': '9'}, 'attributes': {'score': '70'}, 'terms_days': '60'}
    """
    body: dict[str, Any] = {"master": {}, "financials": {}, "attributes": {}}
    for name, text in given.items():
        if name in _FACTS:
            body["master"][name] = text
        elif name.startswith("attribute."):
            body["attributes"][name.removeprefix("attribute.")] = text
        elif name in _TERMS:
            body[name] = text
        elif name not in ("as_of", "ledger", "done"):
            body["financials"][name] = text
    return {name: value for name, value in body.items() if value}

"""An example of whatever a JSON schema describes: the one given with it, or one composed of its values' names."""

from collections.abc import Mapping
from typing import Any, Final

Plain = dict[str, Any]

_BY_NAME: Final[Mapping[str, str]] = {
    "account": "6850",
    "action": "approve",
    "at": "2025-01-02T09:30:00+00:00",
    "as_of": "2025-01-01",
    "bucket": "31-60",
    "by": "ana",
    "country": "IE",
    "currency": "EUR",
    "customer_id": "C0007",
    "display_name": "Ana Weber",
    "drafted_by": "ana",
    "entity": "main",
    "entity_id": "main",
    "evidence": "412 days past due, nothing came in for 380 days",
    "grade": "C",
    "industry": "steel",
    "invoice_id": "I000042",
    "kind": "invoice",
    "ledger": "main",
    "login": "ana",
    "method": "matrix",
    "model": "payment-curve/main",
    "name": "Alder Ltd",
    "posted_by": "",
    "proposer": "ana",
    "record": "closes/main/main",
    "reference": "payment-curve/main/2",
    "reviewed_by": "ben",
    "segment": "steel",
    "state": "reviewed",
}
_AMOUNT, _DAY, _MOMENT = "1234.50", "2024-12-31", "2025-01-02T09:30:00+00:00"
_MONEY = ("_amount", "amount", "total", "debit", "credit", "charge", "opening", "closing", "allowance", "limit")
_DEEPEST = 6


def compose_example(schema: Plain, models: Mapping[str, Plain], *, name: str = "", depth: int = 0) -> Any:  # noqa: ANN401
    """Compose a value that a JSON schema allows.

    Parameters
    ----------
    schema : of the value.
    models : schemas by name, which others refer to.
    name : of the value in its object.
    depth : how many objects and lists it is in.

    Examples
    --------
    >>> row = {"type": "object", "properties": {"invoice_id": {"type": "string"}, "count": {"type": "integer"}}}
    >>> compose_example({"type": "array", "items": row}, {})
    [{'invoice_id': 'I000042', 'count': 3}]
    """
    if "$ref" in schema:
        return compose_example(models[schema["$ref"].split("/")[-1]], models, name=name, depth=depth)
    for given in ("const", "default", "example"):
        if schema.get(given) is not None:
            return schema[given]
    if schema.get("examples"):
        return _fill_nulls(schema["examples"][0], schema)
    if schema.get("enum"):
        return schema["enum"][0]
    return _compose(schema, models, name, depth)


def _compose(schema: Plain, models: Mapping[str, Plain], name: str, depth: int) -> Any:  # noqa: ANN401
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return compose_example(choices[0], models, name=name, depth=depth)
    if schema.get("type") == "object" or "properties" in schema:
        return _compose_object(schema, models, name, depth)
    if schema.get("type") == "array":
        is_deep = depth >= _DEEPEST and not schema.get("minItems")
        return [] if is_deep else [compose_example(schema.get("items", {}), models, name=name, depth=depth + 1)]
    return _compose_text(schema, name) if schema.get("type") == "string" else _compose_number(schema)


def _fill_nulls(example: object, schema: Plain) -> object:
    """Put back what is required and null: FastAPI leaves it out of examples."""
    if not isinstance(example, dict):
        return example
    return {**{name: None for name in schema.get("required", ()) if name not in example}, **example}


def _compose_object(schema: Plain, models: Mapping[str, Plain], name: str, depth: int) -> Plain:
    properties = schema.get("properties")
    if properties is not None:
        return {
            inner: compose_example(of, models, name=inner, depth=depth + 1)
            for inner, of in properties.items()
            if depth < _DEEPEST or inner in schema.get("required", ())
        }
    more = schema.get("additionalProperties")
    return (
        {"name": compose_example(more, models, name=name, depth=depth + 1)} if isinstance(more, dict) and more else {}
    )


def _compose_number(schema: Plain) -> object:
    match schema.get("type"):
        case "integer":
            return max(3, int(schema.get("minimum", 3)))
        case "number":
            return 0.25
        case "boolean":
            return False
    return None


def _compose_text(schema: Plain, name: str) -> str:
    by_format = {"date": _DAY, "date-time": _MOMENT}
    if schema.get("format") in by_format:
        return by_format[str(schema["format"])]
    if name in _BY_NAME or name.endswith(_MONEY):
        return _BY_NAME.get(name, _AMOUNT)
    return "ab" * 32 if name.endswith("sha256") else "text"[: int(schema.get("maxLength", 4))]

"""What the service writes down: a line of JSON per event with the request's id, and nobody's data.

Texts of errors that are not our own may quote a row or a statement's values. They are left out: class and place of a
fault are written, and its text only at level debug.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

from arrisk.errors import ArriskError

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered."""

FIELDS: Final = ("method", "route", "status", "duration_ms", "caller")
"""What a line about a request has beside the fields of every line."""

_QUIET = ("uvicorn.access", "alembic")


def configure_logs(level: str, form: str) -> None:
    """Send everything that is logged to stderr.

    Parameters
    ----------
    level : debug, info, warning or error.
    form : json, plain, or auto = plain where a person reads it.
    """
    is_plain = form == "plain" or (form == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainFormatter() if is_plain else JsonFormatter())
    handler.addFilter(_is_said_once)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Lines with raw paths, which hold customers' numbers, and steps of migrations.
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class JsonFormatter(logging.Formatter):
    """One line of JSON per event."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one event."""
        return json.dumps(_describe(record), ensure_ascii=True)


class PlainFormatter(logging.Formatter):
    """One line per event for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one event."""
        found = _describe(record)
        fault = found.pop("fault", "")
        time, level, logger, message = (found.pop(name) for name in ("time", "level", "logger", "message"))
        rest = "".join(f" {name}={value}" for name, value in found.items())
        return f"{time} {level} {logger}: {message}{rest}" + (f"\n{fault}" if fault else "")


def describe_fault(error: BaseException) -> str:
    """Say where an error arose, and what it arose from, in the order in which Python would.

    Examples
    --------
    >>> describe_fault(ValueError("Alder Ltd"))
    'ValueError'
    """
    return "\n".join(_describe_one(one) for one in reversed(list(_list_causes(error))))


def _describe(record: logging.LogRecord) -> dict[str, object]:
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    found: dict[str, object] = {
        "time": moment,
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
    }
    found |= _list_fields(vars(record))
    if record.exc_info and record.exc_info[1]:
        found["fault"] = describe_fault(record.exc_info[1])
    return found


def _list_fields(said: Mapping[str, object]) -> dict[str, object]:
    request_id = said.get("request_id") or REQUEST_ID.get()
    fields = {"request_id": request_id, **{name: said.get(name) for name in FIELDS}}
    return {name: value for name, value in fields.items() if value not in {None, ""}}


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _describe_one(error: BaseException) -> str:
    is_ours = isinstance(error, ArriskError) or logging.getLogger().isEnabledFor(logging.DEBUG)
    frames = "".join(
        f"{frame.filename}:{frame.lineno} {frame.name}\n" for frame in traceback.extract_tb(error.__traceback__)
    )
    return frames + type(error).__name__ + (f": {error}" if is_ours else "")


def _is_said_once(record: logging.LogRecord) -> bool:
    """Leave out what uvicorn says of a fault again; our own line has the request's id."""
    return not (record.name == "uvicorn.error" and record.msg.startswith("Exception in ASGI application"))

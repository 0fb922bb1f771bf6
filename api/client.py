"""A thin client of the service: signs in, keeps its tokens fresh, walks through pages, sends each write once.

    with Client.open("http://127.0.0.1:8000") as client:
        client.sign_in("ana", "four words are enough")
        ageing = client.get("/v1/ageing", AgeingAnswer, period_end="2024-12-31")
        for customer in client.iterate("/v1/ageing/customers", AgedCustomer, period_end="2024-12-31"):
            print(customer.customer_id, customer.open_amount)

The shapes of the answers are those of ``api.schemas``; whatever is refused is raised with its hint.
"""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx2
from pydantic import BaseModel, ValidationError

from api.schemas.base import Problem
from arrisk.errors import ArriskError

Answer = TypeVar("Answer", bound=BaseModel)

_UNAUTHORIZED = 401
_TRIES = 3


class ServiceError(ArriskError):
    """The service refused a request, or could not answer it.

    Parameters
    ----------
    problem : as the service described it.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail, where=problem.where, hint=problem.hint)
        self.problem = problem

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem.status


class Client:
    """Speaks to one service as one user.

    Parameters
    ----------
    http : with the service's address as its base; a test hands its own.
    key : an API key, for a program that does not sign in.
    """

    def __init__(self, http: httpx2.Client, *, key: str = "") -> None:
        self._http = http
        self._key = key
        self._access = ""
        self._refresh = ""

    @classmethod
    def open(cls, address: str, *, key: str = "", timeout_seconds: float = 60) -> Self:
        """Make a client of the service at an address."""
        return cls(httpx2.Client(base_url=address, timeout=timeout_seconds), key=key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def sign_in(self, login: str, password: str) -> None:
        """Sign in; the tokens are kept and renewed.

        Raises
        ------
        ServiceError
            When login or password are wrong, or it was tried too often.
        """
        self._keep(self._http.post("/v1/session", json={"login": login, "password": password}))

    def sign_out(self) -> None:
        """Sign out: the tokens are good no more."""
        self.send("DELETE", "/v1/session")
        self._access = self._refresh = ""

    def get(self, path: str, kind: type[Answer], **query: Any) -> Answer:
        """Ask for something.

        Parameters
        ----------
        path : such as ``/v1/ageing``.
        kind : the shape of the answer.
        **query : what is None is left out; ``from_`` is sent as ``from``.

        Raises
        ------
        ServiceError
            When it is refused.
        """
        return kind.model_validate(self.send("GET", path, query=query).json())

    def iterate(self, path: str, kind: type[Answer], **query: Any) -> Iterator[Answer]:
        """Walk through all pages of a list; raises as ``get`` does."""
        after: str | None = None
        while True:
            page = self.send("GET", path, query={**query, "after": after}).json()
            yield from map(kind.model_validate, page["items"])
            after = page["next"]
            if after is None:
                return

    def download(self, path: str, **query: Any) -> bytes:
        """Download a file; raises as ``get`` does."""
        return self.send("GET", path, query=query).content

    def post(
        self, path: str, kind: type[Answer], body: Mapping[str, Any] | None = None, *, key: str = "", **query: Any
    ) -> Answer:
        """Write something, once however often it has to be sent; raises as ``get`` does.

        Parameters
        ----------
        key : the idempotency key; empty = a new one. The same one again gives the same answer and changes nothing.
        """
        return kind.model_validate(self.send("POST", path, body=body, key=key, query=query).json())

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        content: tuple[bytes, str] | None = None,
        key: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Send a request, signed in, and give the answer; raises as ``get`` does.

        Parameters
        ----------
        body, content : as JSON, or bytes with their media type.
        key : as for ``post``.
        headers : more of them, such as If-Match.
        """
        sent = {**(headers or {})}
        if method not in ("GET", "HEAD"):
            sent["Idempotency-Key"] = key or uuid4().hex
        if content is not None:
            sent["Content-Type"] = content[1]
        params = {name.rstrip("_"): value for name, value in (query or {}).items() if value is not None}
        more: dict[str, Any] = {"params": params}
        if content is not None:
            more["content"] = content[0]
        elif body is not None:
            more["json"] = body
        response = self._send(method, path, sent, more)
        if response.status_code == _UNAUTHORIZED and self._refresh:
            self._renew()
            response = self._send(method, path, sent, more)
        return _require_good(response)

    def _send(self, method: str, path: str, headers: Mapping[str, str], more: Mapping[str, Any]) -> httpx2.Response:
        """Send it again where the connection broke: a read changes nothing, a write has its key."""
        for left in reversed(range(_TRIES)):
            try:
                return self._http.request(method, path, headers={**headers, **self._sign()}, **more)
            except httpx2.TransportError:
                if not left:
                    raise
        raise AssertionError("unreachable")

    def _sign(self) -> dict[str, str]:
        if self._access:
            return {"Authorization": f"Bearer {self._access}"}
        return {"X-API-Key": self._key} if self._key else {}

    def _renew(self) -> None:
        token, self._refresh = self._refresh, ""
        self._keep(self._http.post("/v1/session/refresh", json={"refresh_token": token}))

    def _keep(self, response: httpx2.Response) -> None:
        tokens = _require_good(response).json()
        self._access, self._refresh = tokens["access_token"], tokens["refresh_token"]


def _require_good(response: httpx2.Response) -> httpx2.Response:
    if response.is_success:
        return response
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        # Something between here and the service answered.
        detail = response.text[:200] or "no explanation"
        problem = Problem(
            type="about:blank",
            title=response.reason_phrase,
            status=response.status_code,
            detail=detail,
            where="",
            hint="",
        )
    raise ServiceError(problem)

"""What every router may ask for: the state folder, the policy, the database, and models that are read once."""

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Annotated

from fastapi import Depends, Request

from api.books import Books
from api.rates import Rate
from api.worklists import Worklists
from arrisk import pipeline
from arrisk.ingest.receiving import Bounds
from arrisk.modeling.scorer import Scorer
from arrisk.policy import Policy
from arrisk.registry import Saved
from arrisk.store import Database
from arrisk.uses.accounts import Accounts
from arrisk.uses.single import SingleScores

_KEPT = 16

_Key = tuple[Path, int, int]


class ModelCache:
    """Saved models by version, each read once; several threads may ask at the same time."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._scorers: OrderedDict[_Key, Scorer] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._scorers)

    def load(self, saved: Saved, *, policy: Policy) -> Scorer:
        """Give a model, reading it where it was not asked for lately; the policy is the same each time.

        Raises
        ------
        ModelError
            When its files are missing, changed or unreadable, or it learnt under another policy.
        """
        # A version never changes, but a store that was emptied counts from 1 again.
        state = saved.folder.stat()
        key = (saved.folder, state.st_ino, state.st_mtime_ns)
        with self._lock:
            if key not in self._scorers:
                self._scorers[key] = pipeline.load_model(saved, policy=policy)
            self._scorers.move_to_end(key)
            while len(self._scorers) > self._kept:
                self._scorers.popitem(last=False)
            return self._scorers[key]


@dataclass(frozen=True)
class Service:
    """What a running service works with.

    Parameters
    ----------
    home : the state folder, whose ``models/`` is read.
    policy : what the credit manager decided.
    database : where the book, the records and the results are.
    max_rows : rows of all tables of a request.
    bounds : how large a file that is sent may be.
    has_sign_in : False = nobody signs in, and only what is posted is answered.
    has_secure_cookies : whether browsers send the cookies over https alone, however the service itself is asked.
    asking, signing_in : how often each caller may ask, and each address sign in.
    models, books, worklists : the models, books and worklists read so far.
    """

    home: Path
    policy: Policy
    database: Database
    max_rows: int
    bounds: Bounds = field(default_factory=lambda: Bounds(2**30, 2**32))
    has_sign_in: bool = True
    has_secure_cookies: bool = False
    asking: Rate = field(default_factory=lambda: Rate(0))
    signing_in: Rate = field(default_factory=lambda: Rate(0))
    models: ModelCache = field(default_factory=ModelCache)
    books: Books = field(default_factory=Books)
    worklists: Worklists = field(default_factory=Worklists)

    @cached_property
    def single_scores(self) -> SingleScores:
        """What scores one customer from its rows."""
        return SingleScores(self.database, home=self.home, policy=self.policy)

    @property
    def accounts(self) -> Accounts:
        """Where users stand."""
        return Accounts(self.database, self.policy)


def get_service(request: Request) -> Service:
    """Give the service of the app that answers."""
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(get_service)]

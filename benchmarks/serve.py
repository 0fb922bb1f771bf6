"""One customer's score over HTTP: computed from its rows, with reasons, beside MLflow's answer from posted features."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from http.client import HTTPConnection
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd

from arrisk import registry, store
from arrisk.features import questions_on
from arrisk.frames import day_of
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.boosted import SAYABLE, BoostedModel, fit_boosted
from arrisk.modeling.calibrate import UNCHANGED
from arrisk.modeling.chain import Link
from arrisk.modeling.default.asking import build_default_features, train_on_customers
from arrisk.modeling.default.scorer import describe_default, dump_default
from arrisk.modeling.lgd.losses import fit_losses
from arrisk.monitoring import observe_customers, refer_customers
from arrisk.policy import load_policy
from arrisk.schema import Book
from arrisk.sim import simulate_portfolio
from arrisk.store.batches import Upload, add_batch
from arrisk.store.book import read_book
from arrisk.store.people import User
from arrisk.uses.accounts import Accounts, add_user, make_key
from arrisk.uses.basis import DEFAULT_SECTIONS

CUSTOMERS, MONTHS = int(os.environ.get("ARRISK_BENCH_CUSTOMERS", "1000")), 48
CONNECTIONS, PROCESSES = 4, (1, 2)
SECONDS, ROUNDS = float(os.environ.get("ARRISK_BENCH_SECONDS", "10")), 3
TRAINED_BEFORE, AS_OF = date(2025, 7, 1), date(2025, 12, 31)
LEDGER = "bench"

_WHY_SLOW = """MLflow is slower with two processes than with one: it sends an answer in two
parts, and on a port that processes share the second waits until the client has acknowledged the first, after 40 ms."""

Request = tuple[str, str, bytes, dict[str, str]]
"""Method, path, body and headers."""


@dataclass(frozen=True)
class Load:
    """What one server did: requests per second, and how long answers took, in milliseconds."""

    rate: float
    p50: float
    p99: float


def measure_serve(folder: Path) -> list[str]:
    """Measure both, alternating, with the same customers and the same client."""
    home = folder / "home"
    book, trees, features, secret = _prepare(home)
    ours = [("GET", f"/v1/customers/{name}/score?as_of={AS_OF}", b"", {"X-API-Key": secret}) for name in features.index]
    posted = features[list(trees.columns)].astype("float64")
    plain = {"Content-Type": "application/json"}
    theirs = [("POST", "/invocations", _write_row(posted.iloc[[place]]), plain) for place in range(len(posted))]
    model = folder / "mlflow"
    _save_for_mlflow(trees, model)
    measured = {}
    for processes in PROCESSES:
        with _start_arrisk(home, folder, processes) as one, _start_mlflow(model, folder, processes) as other:
            _check_same(one, ours, other, theirs)
            loads: dict[int, list[Load]] = {one: [], other: []}
            _warm_up(one, ours)
            _warm_up(other, theirs)
            for _ in range(ROUNDS):
                loads[one].append(_load(one, ours))
                loads[other].append(_load(other, theirs))
        measured[processes] = (_take_medians(loads[one]), _take_medians(loads[other]))
    return _write_section(book, trees, measured)


def _prepare(home: Path) -> tuple[Book, BoostedModel, pd.DataFrame, str]:
    """Put a simulated book into a database, register trees as its default model, and list what they read; make a key."""
    home.mkdir()
    database = store.connect(store.locate(home))
    store.upgrade(database)
    raw = simulate_portfolio(customers=CUSTOMERS, months=MONTHS, seed=1).tables
    at = datetime.now(UTC).isoformat()
    add_batch(database, LEDGER, Upload(raw, "simulated"), fallback_currency="EUR", by="bench", at=at)
    book = read_book(database, LEDGER)
    secret = _make_key(Accounts(database, load_policy()))
    database.close()
    trees = _register_trees(home, book)
    return book, trees, _list_features(book), secret


def _make_key(accounts: Accounts) -> str:
    caller = User(user_id="", login="bench", roles=("analyst",))
    owner = add_user(accounts, caller, password=None, by="bench")
    return make_key(accounts, owner, name="bench", scopes=("scores.read",), days=1, by="bench")[1]


def _register_trees(home: Path, book: Book) -> BoostedModel:
    """Fit trees, and let them score as the ledger's default model."""
    policy = load_policy()
    episodes = list_defaults(book, as_of=TRAINED_BEFORE, policy=policy)
    training = train_on_customers(book, episodes, as_of=TRAINED_BEFORE, policy=policy)
    fitted = {name: fit_boosted(sample, growth=SAYABLE) for name, sample in training.samples.items()}
    links = {name: Link(model, UNCHANGED) for name, model in fitted.items()}
    training = replace(training, model=replace(training.model, **links))
    losses = fit_losses(book, episodes, as_of=TRAINED_BEFORE, policy=policy)
    scorer = describe_default(training, losses, ledger=LEDGER, policy_hash=policy.hash(*DEFAULT_SECTIONS))
    seen = observe_customers(book, scorer.model, as_of=TRAINED_BEFORE, policy=policy)
    saved = registry.save_model(home, dump_default(replace(scorer, reference=refer_customers(scorer.model, seen))))
    registry.promote(home, saved, act=registry.Act(datetime.now(UTC), "bench", "the benchmark's model"))
    return fitted["behaviour"]


def _list_features(book: Book) -> pd.DataFrame:
    """List the features of the customers with a history who are not in default."""
    policy = load_policy()
    known = list_defaults(book, as_of=AS_OF, policy=policy)
    left = known.loc[known["left_day"] >= day_of(AS_OF), "customer_id"]
    questions = questions_on(book, as_of_day=day_of(AS_OF))
    questions = questions.loc[~questions["customer_id"].isin(left)].reset_index(drop=True)
    features = build_default_features(book, questions, known, policy=policy)
    has_history = (features["invoices_count"] > 0).to_numpy()
    return features.set_axis(questions["customer_id"]).loc[has_history]


def _write_row(row: pd.DataFrame) -> bytes:
    # As Python writes what is missing: of nulls the server makes a column that is no number.
    return json.dumps({"dataframe_split": {"columns": list(row.columns), "data": row.to_numpy().tolist()}}).encode()


def _save_for_mlflow(trees: BoostedModel, folder: Path) -> None:
    import mlflow.lightgbm  # noqa: PLC0415 - takes seconds

    booster = lightgbm.Booster(model_str=trees.text)
    mlflow.lightgbm.save_model(booster, str(folder), pip_requirements=["lightgbm"])


@contextmanager
def _start_arrisk(home: Path, folder: Path, processes: int) -> Iterator[int]:
    port = _find_port()
    settings = {"ARRISK_HOME": str(home), "ARRISK_LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "arrisk", "serve", "--port", str(port), "--processes", str(processes)]
    with _start(command, settings, port, "/health/ready", folder / "arrisk.log"):
        yield port


@contextmanager
def _start_mlflow(model: Path, folder: Path, processes: int) -> Iterator[int]:
    port = _find_port()
    options = ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(port), "--workers", str(processes)]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(model), *options]
    settings = {"MLFLOW_DISABLE_TELEMETRY": "true", "OMP_NUM_THREADS": "1"}
    with _start(command, settings, port, "/ping", folder / "mlflow.log"):
        yield port


@contextmanager
def _start(command: Sequence[str], settings: dict[str, str], port: int, path: str, log: Path) -> Iterator[None]:
    with log.open("wb") as file:
        search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        options = {"env": {**os.environ, "PATH": search, **settings}, "stdout": file, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(command, start_new_session=True, **options)  # noqa: S603 - our own commands
        try:
            _wait_for(port, path, process)
            yield
        finally:
            os.killpg(process.pid, 15)
            process.wait(timeout=60)


def _wait_for(port: int, path: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the server on port {port} stopped")
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"the server on port {port} does not answer")


def _find_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _ask(connection: HTTPConnection, request: Request) -> bytes:
    method, path, body, headers = request
    connection.request(method, path, body or None, headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status} {answer[:300]!r}")
    return answer


def _check_same(one: int, ours: Sequence[Request], other: int, theirs: Sequence[Request]) -> None:
    """Both give the same probability."""
    first, second = (HTTPConnection("127.0.0.1", port, timeout=300) for port in (one, other))
    for mine, its in zip(ours[:20], theirs[:20], strict=True):
        p = json.loads(_ask(first, mine))["p_default_12m"]
        given = json.loads(_ask(second, its))["predictions"][0]
        if abs(p - given) > 1e-12:
            raise RuntimeError(f"{mine[1]}: {p} is not {given}")


def _warm_up(port: int, requests: Sequence[Request]) -> None:
    """Ask over so many connections that every process has answered."""

    def ask(request: Request) -> None:
        _ask(HTTPConnection("127.0.0.1", port, timeout=300), request)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(ask, requests[:200]))


def _load(port: int, requests: Sequence[Request]) -> Load:
    """Ask over some connections at once, each its own share of the customers again and again."""
    end = time.perf_counter() + SECONDS

    def ask(own: Sequence[Request]) -> list[float]:
        connection, times = HTTPConnection("127.0.0.1", port, timeout=60), []
        while True:
            for request in own:
                start = time.perf_counter()
                if start > end:
                    return times
                _ask(connection, request)
                times.append(time.perf_counter() - start)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        times = np.concatenate(list(pool.map(ask, (requests[place::CONNECTIONS] for place in range(CONNECTIONS)))))
    p50, p99 = np.quantile(times, [0.5, 0.99]) * 1e3
    return Load(len(times) / SECONDS, float(p50), float(p99))


def _take_medians(loads: Sequence[Load]) -> Load:
    return Load(*np.median([(one.rate, one.p50, one.p99) for one in loads], axis=0))


def _write_section(book: Book, trees: BoostedModel, measured: Mapping[int, tuple[Load, Load]]) -> list[str]:
    count = trees.text.count("\nTree=")
    what = f"""{CONNECTIONS} connections; {ROUNDS} rounds of {SECONDS:.0f} s each in turn, medians of the rounds.
The ledger has {len(book["customers"]):,} customers and {len(book["invoices"]):,} invoices in SQLite, and the model is the
same {count} trees on {len(trees.columns)} features. arrisk checks a key, reads the customer's rows, computes the features,
the probability and every reason; MLflow is given the features and gives the probability."""
    rows = [
        f"| `{name}` | {processes} | {load.rate:.0f} | {load.p50:.1f} | {load.p99:.1f} |"
        for processes, loads in measured.items()
        for name, load in zip(("arrisk serve", "mlflow models serve"), loads, strict=True)
    ]
    told = [f"{mine.rate / its.rate:.2f} with {processes} each" for processes, (mine, its) in measured.items()]
    best, theirs = (max(loads, key=lambda load: load.rate) for loads in zip(*measured.values(), strict=True))
    return [
        "## One customer's score over HTTP",
        what,
        "",
        "| | processes | requests/s | median ms | p99 ms |",
        "|---|---:|---:|---:|---:|",
        *rows,
        "",
        f"""Requests answered by arrisk for one of MLflow's: {", ".join(told)}; {best.rate / theirs.rate:.2f} by what each
does best on the machine's {os.cpu_count()} cores, which the client shares. {_WHY_SLOW}""",
    ]

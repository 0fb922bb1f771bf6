"""The curves beside those of `hazardous`, a library for competing risks: the same features, invoices and days.

`hazardous` needs a package that does not go with the pandas that arrisk needs, so it gets an environment of its own.
"""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk import pipeline
from arrisk.frames import NEVER, day_of, match
from arrisk.ledger import list_outcomes
from arrisk.modeling.survival_metrics import FollowUp, compute_ipcw_brier, count_followed_share, follow_invoices
from arrisk.policy import load_policy
from arrisk.schema import Book
from benchmarks.measure import Measured, run, tabulate

CUSTOMERS, MONTHS, SEED = 300, 36, 1
CUTOFF = date(2025, 1, 1)
HORIZONS = (0, 30, 60, 90)
LAST_DAY = 120
"""Days past due after which the peer need not learn anything: it draws its days evenly, and few would fall before."""
FEWEST = 100
"""Values that a feature must have among the rows to learn from."""
LIMIT_SECONDS = 900
PACKAGE = "hazardous==0.2.0"
FASTEST = "scikit-learn==1.7.2"
"""Release 1.9 weighs its rows when it bins, which the peer has done for every tree: ten times as slow."""

Floats = npt.NDArray[np.float64]


def measure_peer(folder: Path) -> list[str]:
    """Measure both on the same invoices and give a section of the page."""
    python = _install(folder / "peer")
    if python is None:
        return []
    portfolio, predictions = folder / "simulated", folder / "predictions.parquet"
    pipeline.simulate(portfolio, customers=CUSTOMERS, months=MONTHS, seed=SEED, file_format="parquet")
    ledger = str(portfolio / "book")
    command = [sys.executable, "-m", "arrisk", "backtest", "payment", ledger]
    ours = run(
        "arrisk backtest payment", [*command, "--cutoff", str(CUTOFF), "--predictions", str(predictions)], runs=1
    )
    book = pipeline.open_book(portfolio / "book", policy=load_policy()).book
    tested = pd.read_parquet(predictions)
    given, answer = folder / "peer-rows.npz", folder / "peer-curves.npz"
    counts = _write_rows(book, tested["invoice_id"], given)
    script = str(Path(__file__).with_name("hazardous_peer.py"))
    theirs = run("hazardous", [str(python), script, str(given), str(answer)], runs=1, limit_seconds=LIMIT_SECONDS)
    return [
        *_describe(counts),
        "",
        *tabulate([ours, theirs]),
        "",
        *_compare(book, tested, theirs, answer, portfolio),
        "",
    ]


def _install(folder: Path) -> Path | None:
    """Make an environment with the peer; none where its packages cannot be had."""
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)  # noqa: S603 - our own
    done = subprocess.run([*pip, PACKAGE, FASTEST], check=False, capture_output=True, text=True)  # noqa: S603 - our own
    if done.returncode == 0:
        return python
    print(f"  peer: SKIPPED, {PACKAGE} could not be installed: {done.stderr.strip().splitlines()[-1:]}", flush=True)
    return None


def _write_rows(book: Book, tested: pd.Series, path: Path) -> tuple[int, int, int]:
    """Write what the peer learns from and is asked about; gives how many rows, and how many features."""
    policy = load_policy()
    pieces = list(pipeline.compute_features(book, on=None, policy=policy))
    features = pd.concat(pieces, ignore_index=True)
    ids = features.pop("invoice_id")
    values = features.drop(columns=["customer_id", "as_of"]).to_numpy(dtype="float32")
    known = list_outcomes(book, as_of=CUTOFF, end=policy.end)
    known = known.loc[((known["kind"] == "invoice") & (known["due_day"] < NEVER)).to_numpy()]
    train = match(known["invoice_id"], ids)
    event, duration, origin = _clock(follow_invoices(known, end_day=day_of(CUTOFF) - 1), known)
    # SurvivalBoost fails on a column without values.
    matrix = values[:, np.isfinite(values[train]).sum(axis=0) >= FEWEST]
    times = origin + np.array(HORIZONS) + 0.5
    test = matrix[match(tested, ids)]
    np.savez(path, train=matrix[train], event=event, duration=duration, test=test, times=times)
    return len(train), len(test), matrix.shape[1]


def _clock(follow_up: FollowUp, known: pd.DataFrame) -> tuple[npt.NDArray[np.int64], Floats, int]:
    """Give each invoice's end or censoring on a clock that starts so long before the due date that none is negative.

    What ended on a day ended before what was seen open at the end of it. A credit ends the watching, as an extract does.
    """
    origin = int((known["due_day"] - known["issued_day"]).max())
    codes = {"paid": 1, "written_off": 2}
    event = np.array([codes.get(cause, 0) for cause in follow_up.cause], dtype="int64")
    day = np.minimum(follow_up.ended, follow_up.followed)
    event[day > LAST_DAY] = 0
    return event, origin + np.minimum(day, LAST_DAY) + np.where(event == 0, 0.5, 0.0), origin


def _describe(counts: tuple[int, int, int]) -> list[str]:
    train, test, columns = counts
    return f"""## Curves beside a library for competing risks

A simulated portfolio of {CUSTOMERS} customers over {MONTHS} months. Both learn from the {train:,} invoices known before
{CUTOFF} with the same {columns} features as of issue, and predict the {test:,} issued later. `hazardous` is {PACKAGE}
({FASTEST}, with which it is fastest), its SurvivalBoost as it comes but for Kaplan-Meier weights, since what ends the
watching is the calendar; its clock starts a fixed number of days before the due date and ends {LAST_DAY} days after it, so
that its curve has its detail where it is measured. `arrisk backtest payment` also reads and checks the ledger, computes
the features, tries every candidate forward in time, and writes its report.
""".splitlines()


def _compare(book: Book, tested: pd.DataFrame, theirs: Measured, answer: Path, portfolio: Path) -> list[str]:
    """Measure the Brier score of both, and of the probabilities that the portfolio was drawn with."""
    if theirs.is_stopped:
        return [f"`hazardous` was stopped after {LIMIT_SECONDS} s; it has no scores."]
    given = np.load(answer)
    truth = (
        pd.read_parquet(portfolio / "truth" / "invoices.parquet").set_index("invoice_id").reindex(tested["invoice_id"])
    )
    outcomes = list_outcomes(book, as_of=book.extract_end_on + timedelta(days=1), end=load_policy().end)
    outcomes = outcomes.iloc[match(tested["invoice_id"], outcomes["invoice_id"])]
    follow_up = follow_invoices(outcomes, end_day=day_of(book.extract_end_on))
    fit, predict = given["seconds"]
    lines = [
        f"Of its time `hazardous` spent {fit:.1f} s on fitting and {predict:.1f} s on predicting {len(HORIZONS)} days.",
        "Brier score of being late by k, on invoices followed through k days past due, and on all of them weighted by",
        "the inverse probability of being followed so long (IPCW):",
        "",
        "| k | followed | arrisk | hazardous | truth | arrisk, IPCW | hazardous, IPCW |",
        "|---|---|---|---|---|---|---|",
    ]
    for place, k in enumerate(HORIZONS):
        name = f"p_late_{k}" if k else "p_late"
        rivals = [tested[name].to_numpy(), 1 - given["paid"][:, place]]
        known = truth[name].to_numpy() if name in truth else None
        lines.append(_write_scores(follow_up, rivals, known, k=k))
    return lines


def _write_scores(follow_up: FollowUp, rivals: list[Floats], truth: Floats | None, *, k: int) -> str:
    share = count_followed_share(follow_up)
    whole = follow_up.is_known(k) & (follow_up.followed >= k)
    late = follow_up.label_late(k)[whole]
    plain = [float(((p[whole] - late) ** 2).mean()) for p in (*rivals, *([] if truth is None else [truth]))]
    weighted = [compute_ipcw_brier(follow_up, p, k=k, followed_share=share) for p in rivals]
    cells = [f"{score:.4f}" for score in plain] + ["–"] * (truth is None) + [f"{score:.4f}" for score in weighted]
    return f"| {k} | {int(whole.sum()):,} | {' | '.join(cells)} |"

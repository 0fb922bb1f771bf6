"""Measures the default model on public failures known through ``attributes`` alone: `python -m tools.measure_attributes`.

Each data set becomes a book (tools/public_books.py). The features are built once, the program's own way; then for each of
five divisions into five stratified folds the application model is chosen and fitted on four folds, by the program's own
trial, and predicts the fifth. Beside it, in the same folds: logistic regression and LightGBM as they come, on the numbers
of the file. `$ARRISK_REALDATA` names the folder of public data.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from arrisk.features.attributes import PREFIX
from arrisk.features.meanings import ATTRIBUTES
from arrisk.frames import day_of
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.default.asking import ask_customers, list_default_inputs
from arrisk.modeling.default.model import THROUGH_THE_CYCLE, Observed, choose_link, make_sample
from arrisk.modeling.inputs import fill_attributes
from arrisk.modeling.metrics import compute_auc
from arrisk.modeling.rows import Floats, Ints
from arrisk.policy import load_policy
from tools.public_books import ASKED_ON, KNOWN_BY, READERS, make_book
from tools.results_tables import make_table, show

SEEDS = (0, 1, 2, 3, 4)
FOLDS = 5
MODELS = ("model", "half_known", "logistic", "lightgbm")
"""The program's, the same when half of the attributes are not there, and the two peers."""

_TITLES = {"polish": "Polish companies", "taiwan": "Taiwanese companies", "sba": "US loans"}


@dataclass(frozen=True)
class Task:
    """A data set, and how it is divided: the seed of five folds, or None for approved before 2006 and after.

    Parameters
    ----------
    real : the folder of public data.
    name : which data set.
    seed : of the division.
    """

    real: Path
    name: str
    seed: int | None


def observe(real: Path, name: str) -> Observed:
    """Ask about every firm of a data set, with the failures of the year after."""
    book, policy = make_book(READERS[name](real)), load_policy()
    episodes = list_defaults(book, as_of=KNOWN_BY, policy=policy)
    return ask_customers(book, episodes, days=[day_of(ASKED_ON)], policy=policy, known_by=KNOWN_BY)


def predict_test(observed: Observed, fit: Ints, test: Ints, *, seed: int) -> tuple[str, dict[str, Floats]]:
    """Fit every model on some rows and predict others; gives the champion's name, and the predictions by model."""
    _, columns = list_default_inputs(observed.features.iloc[fit])
    link, trial = choose_link(make_sample(observed, fit, columns), cycle=THROUGH_THE_CYCLE)
    features = observed.features.iloc[test]
    numbers = observed.features.filter(regex=f"^{PREFIX}").dropna(axis="columns", how="all")
    known, target = numbers.iloc[fit], observed.defaulted[fit]
    line = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression(max_iter=2_000))
    trees = lgb.LGBMClassifier(n_jobs=1, verbosity=-1)
    found = {
        "model": link.predict(features),
        "half_known": link.predict(fill_attributes(forget_half(features, seed=seed), columns)),
    }
    for name, peer in (("logistic", line), ("lightgbm", trees)):
        peer.fit(known.to_numpy(), target)
        found[name] = np.asarray(peer.predict_proba(numbers.iloc[test].to_numpy()), dtype="float64")[:, 1]
    return trial.champion, found


def forget_half(features: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Take half of the attributes out of a feature frame, as if the book had no such columns."""
    names = sorted({_name_attribute(str(name)) for name in features} - {""})
    gone = set(np.random.default_rng(seed).permutation(names)[: len(names) // 2])
    return features.drop(columns=[name for name in features if _name_attribute(str(name)) in gone])


def _name_attribute(feature: str) -> str:
    start = next((start for start in ATTRIBUTES if feature.startswith(start)), None)
    return "" if start is None else feature.removeprefix(start)


def run(task: Task) -> dict[str, Any]:
    """Measure one division: AUC by model, the mean over folds, and the champions."""
    observed = observe(task.real, task.name)
    champions, scores = [], []
    for fit, test in _divide(observed, task):
        champion, found = predict_test(observed, fit, test, seed=task.seed or 0)
        champions.append(champion)
        scores.append([compute_auc(observed.defaulted[test], found[name]) for name in MODELS])
    means = dict(zip(MODELS, np.mean(scores, axis=0).tolist(), strict=True))
    print(json.dumps({"data": task.name, "seed": task.seed, **means, "champions": champions}), file=sys.stderr)
    return {"name": task.name, "seed": task.seed, "champions": champions, **means}


def _divide(observed: Observed, task: Task) -> Iterable[tuple[Ints, Ints]]:
    if task.seed is not None:
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=task.seed)
        return list(folds.split(np.zeros(len(observed)), observed.defaulted))
    is_early = READERS[task.name](task.real).is_early
    if is_early is None:
        raise ValueError(f"{task.name} has no dates")
    # Customers are asked about in the order of their ids, which is that of the file.
    return [(np.flatnonzero(is_early), np.flatnonzero(~is_early))]


def measure(real: Path, *, seeds: Sequence[int] = SEEDS) -> list[dict[str, Any]]:
    """Measure every data set: one row each, and one more out of time where the file has dates."""
    tasks = [Task(real, name, seed) for seed in seeds for name in READERS] + [Task(real, "sba", None)]
    with ProcessPoolExecutor(max_workers=2) as pool:
        found = pd.DataFrame(list(pool.map(run, tasks)))
    rows = []
    for (name, is_split), part in found.groupby(["name", found["seed"].isna()], sort=False):
        champions = Counter(champion for each in part["champions"] for champion in each)
        scores = {model: float(part[model].mean()) for model in MODELS}
        spread = {"low": float(part["model"].min()), "high": float(part["model"].max())}
        rows.append({"name": name, "is_out_of_time": bool(is_split), **scores, **spread, "champions": dict(champions)})
    return rows


def describe(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Write the part of the page about failures known through attributes."""
    header = ["data", "tested on", "model", "means of divisions", "half known", "logistic", "LightGBM", "champions"]
    table = []
    for row in rows:
        tested = "approved from 2006 on" if row["is_out_of_time"] else f"{FOLDS} folds, {len(SEEDS)} times"
        spread = "–" if row["is_out_of_time"] else f"{show(row['low'])}..{show(row['high'])}"
        chosen = ", ".join(f"{count} {name}" for name, count in sorted(row["champions"].items()))
        figures = [show(row["model"]), spread, *(show(row[name]) for name in MODELS[1:])]
        table.append([_TITLES[row["name"]], tested, *figures, chosen])
    return [
        "`python -m tools.measure_attributes`: AUC. Each data set is a book in which a firm is known by its `attributes` alone; the",
        "features, the choice of the model on the training folds and the prediction are the program's own. Every firm is asked",
        "about as of one day, so the choice is made over customers. *half known*: the same models, where half of the attributes",
        "are not there when the test fold is scored. Logistic regression (scikit-learn; gaps filled by the median) and LightGBM",
        "as they come read the numbers of the file. Of the loans nothing is read that came after their approval, so neither Term",
        "nor RealEstate, which follows from it. Random folds flatter everybody: firms of one year stand on both sides.",
        "",
        *make_table(header, table),
        "",
    ]


def main() -> None:
    """Print the figures as JSON."""
    real = os.environ.get("ARRISK_REALDATA")
    if not real:
        sys.exit("ARRISK_REALDATA names no folder of public data")
    rows = measure(Path(real))
    print(json.dumps(rows, indent=1))
    print("\n".join(describe(rows)))


if __name__ == "__main__":
    main()

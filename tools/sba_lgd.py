"""Measures the loss models on charged-off small-business loans, out of time: `python tools/sba_lgd.py`.

The data is "Should This Loan be Approved or Denied?" (Li, Mickel, Taylor, Journal of Statistics Education 26, 2018): loans
backed by the US Small Business Administration, case file of California. `$ARRISK_REALDATA` names the folder it is in.

The loss share of a charged-off loan is ChgOffPrinGr over an exposure. What the file lacks is the balance on the day of
default, so both of these are measured:

disbursed   DisbursementGross, all that was ever drawn. A revolving line is drawn again after it was repaid, so that much of
            this was no longer owed, and the share falls with every turn of the line: ``turns`` says so, and is known on the
            day of default.
at_most     the smaller of DisbursementGross and GrAppv, what can have been owed at once: nothing follows from its
            definition.

Never read: Term, daysterm, xx, Recession and RealEstate (they follow from the realised term), and the charge-off itself.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from arrisk.frames import NEVER, Mask, date_of, day_of
from arrisk.modeling.bootstrap import bootstrap_mean
from arrisk.modeling.lgd.models import fit_loss_model, fit_segment_loss
from arrisk.modeling.rows import Column, Floats

CUTOFFS = ("2009-01-01", "2010-01-01")
"""Two first days of the test on loans charged off, before and in the crisis; a third split is by approval."""

APPROVED_CUTOFF = "2006-01-01"
COLUMNS = (
    Column("turns", -1, "log", 1.0),
    Column("guaranteed_share"),
    Column("approved", 0, "log"),
    Column("employees", 0, "log"),
    Column("jobs_created", 0, "log"),
    Column("jobs_retained", 0, "log"),
    Column("is_revolving"),
    Column("is_unstated_revolving"),
    Column("is_low_doc"),
    Column("is_new"),
    Column("is_urban"),
    Column("is_franchise"),
    Column("is_local_bank"),
    Column("days_to_disbursement", 0, "log"),
)
_SAS_EPOCH = day_of("1960-01-01")


def read_losses(folder: Path, *, exposure: str) -> pd.DataFrame:
    """Read the charged-off loans as cases: loss_share, start_day (charge-off), approved_day, and what was known by then.

    Parameters
    ----------
    folder : where the public data is.
    exposure : ``disbursed`` or ``at_most``.
    """
    loans = pd.read_csv(folder / "sba_case" / "SBAcase.11.13.17.csv", encoding="utf-8-sig")
    loans = loans.loc[loans["Default"] == 1].reset_index(drop=True)
    drawn, approved = loans["DisbursementGross"], loans["GrAppv"]
    owed = {"disbursed": drawn, "at_most": np.minimum(drawn, approved)}[exposure]
    frame = pd.DataFrame(
        {
            "customer_id": loans["LoanNr_ChkDgt"].astype("str"),
            "start_day": (loans["ChgOffDate"] + _SAS_EPOCH).fillna(NEVER).astype("int64"),
            "approved_day": (loans["ApprovalDate"] + _SAS_EPOCH).astype("int64"),
            "naics3": (loans["NAICS"] // 1000).astype("str"),
            "exposure": owed,
            "loss_share": loans["ChgOffPrinGr"] / owed,
        }
    )
    return frame.assign(**_read_features(loans))


def _read_features(loans: pd.DataFrame) -> dict[str, Any]:
    flags = {
        "is_revolving": loans["RevLineCr"] == "Y",
        "is_unstated_revolving": ~loans["RevLineCr"].isin(["Y", "N"]),
        "is_low_doc": loans["LowDoc"] == "Y",
        "is_new": loans["NewExist"] == 2,
        "is_urban": loans["UrbanRural"] == 1,
        "is_franchise": loans["FranchiseCode"] > 1,
        "is_local_bank": loans["BankState"] == loans["State"],
    }
    return {
        "turns": loans["DisbursementGross"] / loans["GrAppv"],
        "guaranteed_share": loans["SBA_Appv"] / loans["GrAppv"],
        "approved": loans["GrAppv"],
        "employees": loans["NoEmp"],
        "jobs_created": loans["CreateJob"],
        "jobs_retained": loans["RetainedJob"],
        "days_to_disbursement": (loans["DisbursementDate"] - loans["ApprovalDate"]).clip(lower=0),
        **{name: flag.astype("float64") for name, flag in flags.items()},
    }


def measure(folder: Path) -> list[dict[str, Any]]:
    """Measure every split and exposure; one row each, errors as shares of the exposure."""
    rows = []
    for exposure in ("disbursed", "at_most"):
        losses = read_losses(folder, exposure=exposure)
        splits = {f"charged off before {day}": losses["start_day"] < day_of(day) for day in CUTOFFS}
        splits[f"approved before {APPROVED_CUTOFF}"] = losses["approved_day"] < day_of(APPROVED_CUTOFF)
        for name, early in splits.items():
            rows.append({"exposure": exposure, "trained on": name, **_compare(losses, early.to_numpy())})
    return rows


def _compare(losses: pd.DataFrame, early: Mask) -> dict[str, Any]:
    """Fit on the early cases, miss on the others; the reference is the plain mean of each 3-digit NAICS."""
    train, test = losses.loc[early], losses.loc[~early]
    actual = test["loss_share"].to_numpy()
    naics = train.groupby("naics3")["loss_share"].mean()
    mean = float(train["loss_share"].mean())
    model, duels = fit_loss_model(train, segments=["naics3"], columns=COLUMNS)
    without, _ = fit_loss_model(train, segments=["naics3"], columns=COLUMNS[1:])
    misses = {
        "mean": np.abs(actual - mean),
        "naics_mean": np.abs(actual - test["naics3"].map(naics).fillna(mean).to_numpy()),
        "segment_model": np.abs(actual - fit_segment_loss(train, segments=["naics3"]).predict(test)),
        "model": np.abs(actual - model.predict(test)),
        "model_without_turns": np.abs(actual - without.predict(test)),
    }
    return {
        "last trained": str(date_of(int(train["start_day"].max()))),
        "train": len(train),
        "test": len(test),
        "mean_loss_train": mean,
        "mean_loss_test": float(actual.mean()),
        "mean_predicted": float(model.predict(test).mean()),
        "champion": model.model.kind,
        "champion_without_turns": without.model.kind,
        "duels": [f"{duel.challenger} over {duel.champion}: {duel.gain.value:+.3f}, {duel.is_won}" for duel in duels],
        **{f"error_of_{name}": float(miss.mean()) for name, miss in misses.items()},
        "model_over_naics": _compare_misses(misses["naics_mean"], misses["model"]),
        "model_without_turns_over_naics": _compare_misses(misses["naics_mean"], misses["model_without_turns"]),
    }


def _compare_misses(reference: Floats, miss: Floats) -> dict[str, float]:
    """Give how much smaller the error is, with the 95 % bootstrap interval of the paired difference."""
    gain = bootstrap_mean(reference - miss, np.arange(len(miss)))
    return {
        "gain": gain.value,
        "low": gain.low,
        "high": gain.high,
        "gain_share": gain.value / float(reference.mean()),
    }


def main() -> None:
    """Print the figures as JSON."""
    real = os.environ.get("ARRISK_REALDATA")
    if not real:
        sys.exit("ARRISK_REALDATA names no folder of public data")
    print(json.dumps(measure(Path(real)), indent=1))


if __name__ == "__main__":
    main()

"""Fits and asks SurvivalBoost of the library `hazardous`; run by the benchmark in an environment of its own.

Usage: hazardous_peer.py INPUT.npz OUTPUT.npz
"""

import sys
import time

import numpy as np
from hazardous import SurvivalBoost

PAID = 1


def main() -> None:
    """Read the rows, fit, and write the probability of being paid by each of the times."""
    given = np.load(sys.argv[1])
    start = time.perf_counter()
    model = SurvivalBoost(ipcw_strategy="kaplan-meier", random_state=0, show_progressbar=False)
    model.fit(given["train"], {"event": given["event"], "duration": given["duration"]})
    fitted = time.perf_counter()
    paid = model.predict_cumulative_incidence(given["test"], times=given["times"])[:, PAID]
    predicted = time.perf_counter()
    np.savez(sys.argv[2], paid=paid, seconds=np.array([fitted - start, predicted - fitted]))


if __name__ == "__main__":
    main()

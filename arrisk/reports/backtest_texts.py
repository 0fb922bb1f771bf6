"""What the page of a backtest says of its words and of its limits."""

_DEFINITIONS = """
Late by k days: Not ended by payment within k days after the due date; p_late is k = 0. An invoice written off by then
is late, one credited by then is left out. An outcome whose window is not over is missing, never good.

Cutoff: Models see only what was known before this day. Each tested invoice was issued on or after it and is predicted
by what was known at its own issue.

Champion: The candidate chosen on invoices before the cutoff; the tested ones had no say in it.

Base rate, customer's own late rate: What needs no model: the late share of all invoices before the cutoff, and that of
the customer, drawn towards all where it has few invoices.

AUC: How often a late invoice is ranked above one in time; 0.5 is chance, 1 is perfect.

Brier, log loss: Mean squared error and mean surprise of the probabilities; smaller is better, compare with the base
rate. IPCW: invoices still followed stand in for those whose window is not over.

ECE: Mean distance between predicted and observed late shares over ten groups of about equal count.

Slope, intercept: Of the line from predicted to observed log-odds; 1 and 0 are perfect. A slope below 1: too extreme. An
intercept above 0: late more often than predicted.

p10, median, p90: Days by which an invoice is paid with 10, 50 and 90 %, given that it is paid.

Logit: The logarithm of the odds: 0 is 50 %, 1 is 73 %, 2 is 88 %. Reasons are given in logits, in which they sum.
"""

_LIMITS = """
This is one ledger and one stretch of time. A downturn, another way of collecting or other customers may change the
answer.

Intervals draw whole customers anew: they show chance among customers, not a change of the times.

Outcomes that are not complete at the end of the extract are left out of most measures, so that the last invoices count
less at the longer horizons.

What the ledger does not date is taken as it stands: a settlement entered with a wrong day moves outcomes and features.

Reasons say what the model rests on, not what would happen if the customer changed.
"""


def _split(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


DEFINITIONS: tuple[tuple[str, str], ...] = tuple(
    (word, meaning) for word, _, meaning in (line.partition(": ") for line in _split(_DEFINITIONS))
)
LIMITS: tuple[str, ...] = tuple(_split(_LIMITS))

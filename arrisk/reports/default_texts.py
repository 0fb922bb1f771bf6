"""What the page of a default model's validation says of its words, its checks and its limits."""

CHECKS = {
    "customers": "customers tested, each once",
    "log_loss_gain": "log loss below that of the best baseline by",
    "gini_gain": "Gini above that of the best baseline by",
    "calibration_slope": "calibration slope",
    "grades_passed": "share of the grades without too many defaults",
    "score_shift": "stability index of the score",
}
"""What each check of the verdict asks for."""

STEPS = {
    "curve": "Payment curve: P(written off) × loss given write-off, all open invoices",
    "curve_in_default": "less invoices of customers already in default, set apart below",
    "curve_later": "less what would be written off after the year is over",
    "curve_in_year": "Payment curve: written off within the year, customers not in default",
    "new_sales": "plus what is owed at the default from later sales: today's invoices will in part be paid by then",
    "not_separated": "plus what is not told apart: defaults that end without or after the year's write-off, and the "
    "models' own disagreement",
    "not_separated_with_sales": "plus what is not told apart: later sales in the place of today's invoices, defaults "
    "that end without or after the year's write-off, and the models' own disagreement",
    "paid_in_default": "less what is paid in default, cures included: loss given default instead of given write-off",
    "default_in_year": "Default model: P(default) × loss given default, customers not in default",
    "default_already": "plus customers already in default, at their loss given default",
    "default": "Default model: all customers who owe something",
}
"""What each line of the way between the two expected losses is."""

LABELS = {
    "curve": "curve, all open invoices",
    "curve_in_default": "less customers already in default",
    "curve_later": "less written off after the year",
    "curve_in_year": "curve, within the year",
    "new_sales": "plus later sales owed at the default",
    "not_separated": "plus what is not told apart",
    "not_separated_with_sales": "plus what is not told apart",
    "paid_in_default": "less paid in default, cures included",
    "default_in_year": "default model, not in default yet",
    "default_already": "plus customers already in default",
    "default": "default model, all who owe",
}
"""The same, short enough for a chart."""

_DEFINITIONS = """
Question: A customer who is not in default, as of a day. Its outcome is whether a default begins within a year; where
that year is not over at the end of the extract, it is missing, never good.

Behaviour, application: The model of customers with invoices from us, and that of applicants, who are known from outside
alone. The second is tested on all customers as if nothing were known of trading with them; those of whom nothing is
known stand among its segments, with 0 invoices paid.

Each customer once: Years of one customer that overlap are not independent, and the tests of levels take rows as
independent. They are held on the first question about each customer. Ranking, log loss and reliability use all
questions, with intervals that draw whole customers.

AUC, Gini: How often one who defaults is ranked above one who does not; Gini is twice that less 1: 0 is chance, 1
perfect. KS: the largest distance between the two distributions of scores.

Brier, log loss: Mean squared error and mean surprise of the probabilities; smaller is better, compare with the base
rate.

Slope, intercept: Of the line from predicted to observed log-odds; 1 and 0 are perfect. A slope below 1: too extreme.

Jeffreys: The chance that the true rate is no higher than predicted, given what was observed; small: more defaulted than
predicted. Of many groups about one in twenty falls below 0.05 by chance alone.

Spiegelhalter: Whether the Brier score is what right probabilities would give; beyond 2 either way, they are not right.

Hosmer and Lemeshow: Whether all groups of the predictions together come true. On rows that were not fitted on it has as
many degrees of freedom as groups, not two fewer.

Posterior mean: (D + 1) / (N + 2) for D defaults of N customers: an estimate that is never a false zero. A grade's is
drawn to that of all grades, as if two customers more had defaulted at its rate.

Upper bound, for limits only: As bad as the rate may be, taking each grade together with all worse ones (Pluto, Tasche
2004). Not for an allowance, which has to be unbiased. Defaults count as independent; with a correlation it is higher.

PSI: How far a distribution moved from the training to the test: below 0.1 is usual, beyond 0.25 a reason to look.
Values that count days since a yearly report move with the season of the day of the test.

Fitted on others: The same kind of model, fitted on one half of the customers before the cutoff and tested on the other
half after it, both ways. It learnt from half as much.

Logit: The logarithm of the odds. Reasons are given in logits, in which they sum to the score.
"""

_LIMITS = """
This is one ledger and one stretch of time. Defaults rise and fall together: a downturn may hit all grades at once,
which no test on one year shows.

Intervals draw whole customers anew: they show chance among customers, not a change of the times.

Reasons say what the model rests on, not what would happen if the customer changed.
"""


def _split(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n")]


DEFINITIONS: tuple[tuple[str, str], ...] = tuple(
    (word, meaning) for word, _, meaning in (line.partition(": ") for line in _split(_DEFINITIONS))
)
LIMITS: tuple[str, ...] = tuple(_split(_LIMITS))

"""What the terms on the pages mean, in a sentence or two; shown where they are used, and all on one page."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Term:
    """A term.

    Parameters
    ----------
    label : as it stands on a page.
    meaning : whole sentences.
    """

    label: str
    meaning: str


TERMS: Final = {
    "p_late": Term("p late", "How likely it is that an invoice is paid after its due day, by all that is known now."),
    "p_late_30": Term(
        "p late 30",
        "How likely it is that an invoice is still open 30 days after its due day. Of 100 invoices with 20 %, about 20 "
        "should be: the probabilities are calibrated, and the page of the model shows how well.",
    ),
    "pd": Term(
        "PD",
        "Probability of default: how likely it is that a customer gets 90 days behind, is written off, or becomes "
        "insolvent within the next twelve months.",
    ),
    "lgd": Term("LGD", "Loss given default: which share of what is owed does not come in after a default."),
    "expected_loss": Term(
        "Expected loss", "PD x LGD x what the customer owes: an average, not a forecast of one case."
    ),
    "grade": Term("Grade", "The class of the PD, from the policy's table: grade 1 is the safest."),
    "exposure": Term(
        "Exposure", "What a customer could cost us: open invoices and orders that are not invoiced, less credit."
    ),
    "limit": Term("Limit", "How much a customer may owe. The recommended one is the smallest of several caps."),
    "binding": Term("Binding cap", "The cap that is the smallest, and so decides the recommended limit."),
    "dso": Term("DSO", "Days sales outstanding: for how many days of sales money is still outside."),
    "dispute": Term(
        "Dispute", "The customer says that something is wrong with an invoice. It is not late while that lasts."
    ),
    "days_past_due": Term("Days past due", "Days since the due day; negative = not due yet."),
    "at_stake": Term(
        "At stake", "What is overdue times the chance that nothing comes in without a contact: what a call may bring."
    ),
    "expected_on": Term(
        "Expected",
        "The first day on which an open invoice of the customer is expected to be paid, by the newest run.",
    ),
    "allowance": Term(
        "Allowance", "The part of what is owed that is expected not to come in, booked against receivables."
    ),
    "matrix": Term(
        "Provision matrix",
        "A loss rate for each range of days past due, learnt from what became of past open amounts in that range.",
    ),
    "roll_rate": Term(
        "Roll rates",
        "How much of an amount moves on from one range of days past due to the next, month by month, until it is lost.",
    ),
    "overlay": Term(
        "Overlay", "An addition that people decide on for what the figures do not know yet, with owner, reason and end."
    ),
    "performing": Term(
        "Performing, in default",
        "In default is who got 90 days behind, was written off or became insolvent; performing is all else. Both are "
        "estimated apart.",
    ),
    "payment_curve": Term(
        "Payment curve",
        "The model of when each open invoice is paid; what it expects never to be paid, times what is lost then.",
    ),
    "lifetime_ecl": Term(
        "Lifetime ECL",
        "The credit losses expected over the whole life of a receivable; for trade receivables they are booked from "
        "the first day (IFRS 9 5.5.15).",
    ),
    "state_of_economy": Term(
        "State of the economy",
        "In standard deviations: 0 = as on average, above = good times, below = bad ones. All customers depend on it "
        "as strongly as the policy's asset correlation says.",
    ),
    "coverage": Term("Coverage", "The allowance as a share of open invoices; open credit notes are left out of it."),
    "as_of": Term("As of", "What was known before the start of this day counts, and nothing that came later."),
    "psi": Term(
        "PSI",
        "Population stability index: how far scores or a feature have moved since the training. Below 0.1 hardly, "
        "above 0.25 much; a small sample moves by chance.",
    ),
    "calibration": Term(
        "Calibration", "Whether what is expected comes: of invoices with 20 %, about 20 of 100 should be late."
    ),
    "champion": Term("Champion", "The version of a model that scores today; a challenger has to beat it."),
    "log_loss": Term(
        "Log loss", "How far probabilities are from what happened; lower is better, and a gain is by how much."
    ),
}
"""By key: the term."""

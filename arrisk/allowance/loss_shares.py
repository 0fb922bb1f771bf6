"""What is lost of an amount once it is written off: after what comes back, with security and insurance or without."""

from arrisk.allowance.exposures import Exposures
from arrisk.modeling.lgd.cases import COVERED
from arrisk.modeling.lgd.losses import Losses
from arrisk.modeling.rows import Floats


def read_loss_shares(exposures: Exposures, losses: Losses) -> tuple[Floats, Floats]:
    """Read the loss given write-off of each open item, with its customer's cover and without any.

    Parameters
    ----------
    exposures : the open items.
    losses : fitted on what was known before the day.

    Returns
    -------
    two arrays of shape (n,), 0..1
        With cover, and without.
    """
    items = exposures.items
    given_write_off = losses.given_write_off
    return given_write_off.predict(items), given_write_off.predict(items.assign(**{COVERED: 0.0}))

"""The risk that limits reckon with: the model's, raised where too few defaults were seen to be sure of it."""

import numpy as np
import pandas as pd

from arrisk.decisions.caps import Floats
from arrisk.modeling.default.low_default import bound_rates, estimate_posterior

_YEARS = 3.0


def find_uplift(episodes: pd.DataFrame, *, days_known: Floats, as_of_day: int, confidence: float) -> float:
    """Find by how much the default rate of the last three years may be higher than it seems.

    For limits alone: an allowance has to be unbiased.

    Parameters
    ----------
    episodes : as given by ``list_defaults``.
    days_known : days since each customer's first invoice, shape (n,); NaN = none yet.
    as_of_day : days since 1970-01-01.
    confidence : that the rate is not higher, 0..1.

    Returns
    -------
    float
        The bound over the posterior mean, at least 1.

    Examples
    --------
    Two defaults of a hundred customers, each known for a year:

    >>> episodes = pd.DataFrame({"entered_day": [900, 950]})
    >>> find_uplift(episodes, days_known=np.full(100, 365.0), as_of_day=1000, confidence=0.75)
    1.3202
    """
    years = float(np.clip(np.nan_to_num(days_known) / 365.0, 0.0, _YEARS).sum())
    entered = episodes["entered_day"].to_numpy()
    count = float(((entered < as_of_day) & (entered >= as_of_day - _YEARS * 365.0)).sum())
    seen, exposed = np.array([count]), np.array([max(years, count)])
    bound = bound_rates(seen, exposed, confidence=confidence)
    return max(1.0, float(bound[0] / estimate_posterior(seen, exposed)[0]))

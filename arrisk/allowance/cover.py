"""What security and insurance take off the allowance: gross, the effect of cover, and net, row by row."""

from collections.abc import Callable

import pandas as pd

from arrisk.allowance.estimates import Allowance, Estimate, assemble
from arrisk.allowance.exposures import Exposures
from arrisk.policy.allowance import AllowancePolicy

_ROW = ["segment", "bucket"]
_SHOWN = ["gross_allowance", "cover_effect", "net_allowance"]


def show_cover(
    exposures: Exposures,
    estimate: Estimate,
    *,
    policy: AllowancePolicy,
    finish: Callable[[Allowance], Allowance],
) -> pd.DataFrame:
    """Show the allowance with and without cover, whichever of the two is booked.

    Parameters
    ----------
    exposures : the open items.
    estimate : of the same items.
    policy : what late losses are discounted at; its ``cover`` says which of the two is booked.
    finish : what is done to the allowance of the method, such as assessments and overlays; to both alike.

    Returns
    -------
    DataFrame
        One row per row of the allowance: segment, bucket, base_amount, gross_allowance, cover_effect (0 or below where
        cover helps), net_allowance = gross_allowance + cover_effect; int64 minor units.
    """
    gross, net = (
        finish(assemble(exposures, estimate, method="cover", policy=policy.model_copy(update={"cover": cover})))
        for cover in ("gross", "net")
    )
    # An overlay may change a bucket in one of the two alone.
    both = pd.concat(
        [
            gross.rows.assign(gross_allowance=gross.rows["allowance"], net_allowance=0),
            net.rows.assign(gross_allowance=0, net_allowance=net.rows["allowance"], base_amount=0),
        ]
    )
    amounts = ["base_amount", "gross_allowance", "net_allowance"]
    table = both.groupby(_ROW, as_index=False, sort=False)[amounts].sum()
    return table.assign(cover_effect=table["net_allowance"] - table["gross_allowance"])[[*_ROW, "base_amount", *_SHOWN]]

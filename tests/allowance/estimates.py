"""Open items and estimates made by hand."""

from datetime import date

import numpy as np
import pandas as pd

from arrisk.allowance.estimates import Estimate
from arrisk.allowance.exposures import Exposures
from arrisk.ledger.ageing import Ageing, age_open_items, name_buckets
from arrisk.policy import load_policy

AS_OF = date(2024, 1, 1)


def item(invoice_id, amount, age, *, failed=False, **more):
    usual = {"customer_id": f"of {invoice_id}", "segment": "in default" if failed else "all", "kind": "invoice"}
    amounts = {"open_amount": amount, "base_amount": max(amount, 0), "covered_share": 0.0}
    return {"invoice_id": invoice_id, "days_past_due": age, "is_in_default": failed, **usual, **amounts, **more}


def exposures_of(*items):
    aged = age_open_items(pd.DataFrame(items), ageing=load_policy().ageing)
    total = int(aged["open_amount"].sum())
    buckets = pd.DataFrame({"bucket": name_buckets(load_policy().ageing)})
    return Exposures(Ageing(AS_OF, AS_OF, "USD", aged, buckets, pd.DataFrame(), total, 0), aged)


def estimate_of(p_lost, *, loss_days=0.0, loss_share=1.0):
    p = np.array(p_lost, dtype="float64")
    parts = [np.full(len(p), value) for value in (loss_share, loss_share, loss_days)]
    return Estimate(p, p, *parts, pd.DataFrame())

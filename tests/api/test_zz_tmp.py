from collections import Counter
from tests.api import test_anything as T
from tests.api.test_anything import INVOICE, VALUES, post, TREES, TABLES, TABLE_ROWS
from hypothesis import HealthCheck, given, settings, strategies as st
T.ANYTHING = st.none()
C=Counter()
INV2={**INVOICE,"invoice_id":"2","customer_id":"B","currency":"JPY","amount":"500","settled_on":"2024-02-20"}
RATE={"currency":"JPY","rate_on":"2020-01-01","rate":0.006}
@settings(max_examples=350, derandomize=False, database=None, suppress_health_check=list(HealthCheck), deadline=None)
@given(tables=st.lists(TABLE_ROWS, min_size=5, max_size=12))
def test_tmp(client, tables):
    g = {"customers": [{"customer_id": "A"}], "invoices": [], "rates":[]} | dict(tables)
    g["invoices"] = [INVOICE, INV2, *g["invoices"]]
    g["rates"]=[RATE,*g["rates"]]
    r=post(client, {"as_of": "2024-09-01", "currency": "EUR", "model": TREES, "tables": g})
    C[r.status_code, r.json().get("detail","")[:60] if r.status_code!=200 else ""]+=1
def test_show():
    print(C.most_common(40))

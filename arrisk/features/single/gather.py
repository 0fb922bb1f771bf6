"""Says which rows one customer's features rest on, and reads them from wherever they are."""

from arrisk.features.single.rows import COLUMNS, OF_RELATIVES, CustomerRows, RowSource, find_newest
from arrisk.features.single.surroundings import Surroundings

_PARENT = COLUMNS["customers"].index("parent_id")


def gather_rows(source: RowSource, customer_id: str, around: Surroundings) -> CustomerRows:
    """Read the rows of a customer, and those of its parent and its group that its features look at.

    Parameters
    ----------
    source : where they are.
    customer_id : who is asked about.
    around : says who else belongs to its group.
    """
    tables = {
        table: source.read_own(table, customer_id) for table in COLUMNS if table not in (*OF_RELATIVES, "allocations")
    }
    tables["allocations"] = source.read_allocations(customer_id)
    receipts, notes = source.read_payers(customer_id)
    masters = tables["customers"]
    at = find_newest(masters, seen_by=around.as_of_day)
    parent = masters[at][_PARENT] if at >= 0 else None
    wanted = dict.fromkeys([customer_id, *([parent] if parent else []), *around.list_members(parent or customer_id)])
    tables |= {table: source.read_of(table, list(wanted)) for table in OF_RELATIVES}
    return CustomerRows(customer_id, tables, receipts, notes)

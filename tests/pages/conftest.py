"""What the tests of pages share with those of the API: the ledger and the models in its store."""

from tests.api.conftest import home, tables

__all__ = ["home", "tables"]

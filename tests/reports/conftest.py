"""Fixtures for the reports' tests."""

from tests.ledger.conftest import ibm_ledger

__all__ = ["ibm_ledger"]

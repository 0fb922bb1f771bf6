"""Credit risk of trade receivables: late payment, default, limits, collections and the loss allowance from one ledger."""

__all__ = ["__version__"]

__version__ = "0.1.0"

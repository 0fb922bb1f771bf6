"""Credit risk of trade receivables from one ledger: who pays late, whom to call, what is open and how old it is."""

__all__ = ["__version__"]

__version__ = "0.1.0"

"""Which customers default within a year: the two models, their questions, backtest, files and scores."""

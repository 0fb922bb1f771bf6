"""The allowance for doubtful accounts: from the open book, by several methods side by side, to the cent."""

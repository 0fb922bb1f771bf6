"""What a default and a write-off cost: closed and open cases, the models of the share lost."""

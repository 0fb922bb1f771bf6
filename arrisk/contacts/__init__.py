"""What collectors do about customers who owe: contacts, promises, disputes, and what stands on the worklist for it."""

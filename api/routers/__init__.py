"""One router a role."""

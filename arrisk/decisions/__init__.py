"""What to allow a customer: limits and terms, holds, and the record of who decided what."""

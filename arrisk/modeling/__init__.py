"""Models of when invoices are paid: how they are fitted, compared, calibrated, explained and kept."""

"""What finance reads: key figures of the receivables, their trends, and charts."""

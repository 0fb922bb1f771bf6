"""Bad debt: what ought to be written off, who approved it, and what came back."""

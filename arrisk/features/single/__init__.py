"""The features of one customer as of a day, from its own rows alone and the first pass, in about a millisecond.

Nothing here decides what a feature is: the kernel and the formulas are those of all customers. What is particular is
how rows become the kernel's records, without a frame in between.
"""

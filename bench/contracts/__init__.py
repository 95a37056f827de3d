"""A large description of an API, with a known number of edits, to measure comparisons with."""

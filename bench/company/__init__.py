"""A made-up company in a dictionary, and what questions cost there; see docs/size.md."""

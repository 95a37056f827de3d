"""The end of a line: whether it may go, what people decide about it, and the steps of it."""

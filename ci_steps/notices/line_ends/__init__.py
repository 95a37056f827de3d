"""The end of a line: what people decided of it, and who hears of that."""

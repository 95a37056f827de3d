"""Messages on their way: claimed, tried, kept with what came of it, by whoever comes by."""

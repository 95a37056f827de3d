"""Where it can be seen who calls a line."""

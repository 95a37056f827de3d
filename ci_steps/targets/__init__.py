"""Where builds run; one module for each target users may name."""

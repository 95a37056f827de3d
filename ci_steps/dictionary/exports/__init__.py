"""Everything that a dictionary holds, written out and loaded again."""

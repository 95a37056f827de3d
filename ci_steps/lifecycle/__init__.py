"""The end of a line of versions: what is known of its use, and whether it may go."""

"""A company in a file: read, checked and loaded as often as one likes."""

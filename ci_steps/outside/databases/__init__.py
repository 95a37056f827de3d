"""The database of a dictionary: opened, asked with patience, and its complaints understood."""

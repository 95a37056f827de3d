"""The pages users read, and what writes the generated ones."""

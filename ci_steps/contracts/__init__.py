"""Formats of contracts that can be compared."""

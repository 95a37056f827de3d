"""Contracts, what comparing them found, and what is used of them, each kept once."""

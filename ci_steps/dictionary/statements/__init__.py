"""How questions are put to a database: with lists as one value, together, without ceremony."""

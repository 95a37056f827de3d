"""Sends thousands of notices while jobs are killed and receivers misbehave, and counts."""

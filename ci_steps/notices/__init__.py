"""What owners are told: who is obliged by a release, by when, and the messages about it.

Facts are written in the transaction of the deployment (`obligations`), addressed
(`addressing`), sent by whoever comes by (`outbox`), and put into words last (`render`).
"""

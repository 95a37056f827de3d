"""The states of a message, from the outbox to its receipt.

pending -> sending -> sent | failed | unknown, or back to pending; suppressed when nothing is
left to do. A row is claimed and its bytes are kept before the network is touched. Whoever
dies in between leaves a row of which nobody can say whether it was carried out: it becomes
unknown, and is looked up before anything is sent again.
"""

from __future__ import annotations

PENDING, SENDING, SENT = "pending", "sending", "sent"
FAILED, UNKNOWN, SUPPRESSED = "failed", "unknown", "suppressed"

# Nobody has been told yet, or nobody knows.
OPEN = (PENDING, SENDING, UNKNOWN)
# May be claimed when its time has come.
WAITING = (PENDING, UNKNOWN)

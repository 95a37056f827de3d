"""What things are called in a shop."""

from __future__ import annotations

import re

_TEXT = """
account amount batch branch carrier charge city claim clause client code colour contact count
credit customer day debit delivery depot detail discount district duty entry fee gross group
height invoice item label ledger length limit line lot margin mass measure method net note
number offer order origin owner package parcel party payment period place plan price proof
quantity quota rate reason receipt record region return route sale season share shelf size slot
source stage state stock street sum supplier tariff tax team term ticket total trade unit value
vehicle volume voucher warehouse weight width zone
"""

WORDS: list[str] = re.findall(r"\w+", _TEXT)

"""The tables of the dictionary; the migrations bring a database to exactly this."""

from __future__ import annotations

from ci_steps.dictionary.tables.columns import Utc, metadata
from ci_steps.dictionary.tables.contracts import (
    comparison,
    contract,
    contract_file,
    narrowing,
    uses,
)
from ci_steps.dictionary.tables.endings import plan_act, retired_line, retirement_act
from ci_steps.dictionary.tables.notices import (
    acknowledgement,
    attempt,
    event,
    heartbeat,
    obligation,
    outbox,
    pause,
    posted,
)
from ci_steps.dictionary.tables.owners import contact, owner, owner_detail, owner_relation
from ci_steps.dictionary.tables.proofs import evidence, verification, waiver
from ci_steps.dictionary.tables.releases import release, release_uses, requirement, requirement_set
from ci_steps.dictionary.tables.running import deployment, live_requirement, observation
from ci_steps.dictionary.tables.services import alias, environment, policy, service

__all__ = [
    "Utc",
    "acknowledgement",
    "alias",
    "attempt",
    "comparison",
    "contact",
    "contract",
    "contract_file",
    "deployment",
    "environment",
    "event",
    "evidence",
    "heartbeat",
    "live_requirement",
    "metadata",
    "narrowing",
    "obligation",
    "observation",
    "outbox",
    "owner",
    "owner_detail",
    "owner_relation",
    "pause",
    "plan_act",
    "policy",
    "posted",
    "release",
    "release_uses",
    "requirement",
    "requirement_set",
    "retired_line",
    "retirement_act",
    "service",
    "uses",
    "verification",
    "waiver",
]

"""The shape of every plug, and the Job a step is given.

A plug is a module that fulfils one of these protocols; `ci_steps.registry` gives it the name
users write. Its ``Options`` is an attrs class of `ci_steps.options.option` fields; where some of
them do not go together, ``contradictions(options)`` yields pairs of a key and what is wrong.
"""

from ci_steps.protocols.balancer import Balancer, Lines, Traffic
from ci_steps.protocols.builder import Agent, Builder, Image, Login, Recipe
from ci_steps.protocols.channel import (
    Broken,
    Channel,
    Delivery,
    Deprecation,
    Message,
    Outcome,
    Touched,
)
from ci_steps.protocols.contract import ContractFormat, OwnContract, OwnUses
from ci_steps.protocols.front import Front, Leaving
from ci_steps.protocols.host import Deployed, Facts, Host
from ci_steps.protocols.job import Announced, Job, Overridden, Sent, Step
from ci_steps.protocols.probe import Found, Probe, Question
from ci_steps.protocols.progress import Progress
from ci_steps.protocols.target import Build, Place, Placement, Target
from ci_steps.protocols.usage_source import UsageSource

__all__ = [
    "Agent",
    "Announced",
    "Balancer",
    "Broken",
    "Build",
    "Builder",
    "Channel",
    "ContractFormat",
    "Delivery",
    "Deployed",
    "Deprecation",
    "Facts",
    "Found",
    "Front",
    "Host",
    "Image",
    "Job",
    "Leaving",
    "Lines",
    "Login",
    "Message",
    "Outcome",
    "Overridden",
    "OwnContract",
    "OwnUses",
    "Place",
    "Placement",
    "Probe",
    "Progress",
    "Question",
    "Recipe",
    "Sent",
    "Step",
    "Target",
    "Touched",
    "Traffic",
    "UsageSource",
]

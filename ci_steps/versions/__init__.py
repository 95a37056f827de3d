"""Versions in three schemes, the steps between them, and what requires which.

dated       = "v" num "_" yyyymmdd "-" num                   v1_20171001-1
semver      = ["v"] num "." num [ "." num [ "-" pre ] ]      1.1   1.1.3   1.1.3-rc.1
calver      = yyyymm [ "." num ] | yyyymmdd [ "." num ]      201610   20161005.2
requirement = name "-" ( version | ["v"] num | "v" num "_" yyyymmdd )
"""

from ci_steps.versions.bump import SIZES, Bump
from ci_steps.versions.calver import CalVersion
from ci_steps.versions.comparison import bump_between, oddities
from ci_steps.versions.dated import DatedVersion
from ci_steps.versions.name import check_name
from ci_steps.versions.requirement import (
    Requirement,
    Satisfaction,
    parse_requirement,
    requirement,
)
from ci_steps.versions.scheme import SCHEMES, parse_version
from ci_steps.versions.semver import SemVersion
from ci_steps.versions.version import Version

__all__ = [
    "SCHEMES",
    "SIZES",
    "Bump",
    "CalVersion",
    "DatedVersion",
    "Requirement",
    "Satisfaction",
    "SemVersion",
    "Version",
    "bump_between",
    "check_name",
    "oddities",
    "parse_requirement",
    "parse_version",
    "requirement",
]

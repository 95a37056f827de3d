"""The API of Amazon Web Services, by boto3: its chain of credentials, its standard retries."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ci_steps.errors import OutsideError

# What it logs at its lower levels has the headers of requests, and so what they are signed with.
logging.getLogger("botocore").setLevel(logging.WARNING)
logging.getLogger("boto3").setLevel(logging.WARNING)

MISSING = "the module boto3 is missing"
INSTALL = "Install it: pip install 'ci-steps[ecs]'."
_CONNECT_SECONDS = 5
_READ_SECONDS = 30
_SERVER_ERROR = 500
_SHOWN = 300
_NOBODY = frozenset({"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"})
_EXPIRED = frozenset(
    {"ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"}
)
_NO_CREDENTIALS = (
    "boto3 looks for credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, in the profile, "
    "and asks the machine or the CI system for its role: give the job one of them."
)


@dataclass(frozen=True)
class AwsApi:
    """One service of AWS as an account reaches it; what is empty is what boto3 finds by itself."""

    service: str
    region: str = ""
    profile: str = ""
    endpoint: str = ""


class AwsError(OutsideError):
    """What AWS answered instead, or that it did not.

    `code` is its own word (``ClusterNotFoundException``), or the class of boto3 where nothing
    was answered. What `may_pass` may be gone when it is asked again.
    """

    def __init__(self, message: str, code: str, *, hint: str = "", may_pass: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.may_pass = may_pass


@dataclass
class Clients:
    """A client for each API that is used: making one costs more than asking it."""

    made: dict[AwsApi, Any] = field(default_factory=dict)

    def call(self, api: AwsApi, operation: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call an operation by the name that boto3 gives it; AwsError says why there is no answer.

        What AWS takes too much or fails of its own is tried three times, with pauses.
        """
        with _explained(api, operation):
            client = self.made.get(api) or self.made.setdefault(api, _client(api))
            answer: Mapping[str, Any] = getattr(client, operation)(**told)
        return answer


def _client(api: AwsApi) -> Any:
    try:
        from boto3.session import Session
        from botocore.config import Config
    except ImportError as error:
        raise AwsError(MISSING, "ImportError", hint=INSTALL) from error
    session = Session(region_name=api.region or None, profile_name=api.profile or None)
    how = Config(
        retries={"mode": "standard"},
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        user_agent_extra="ci-steps",
    )
    return session.client(api.service, endpoint_url=api.endpoint or None, config=how)


@contextmanager
def _explained(api: AwsApi, operation: str) -> Iterator[None]:
    """Say what went wrong in one line, by one class of errors."""
    try:
        yield
    except AwsError:
        raise
    except Exception as error:
        # Both are imported by now; who has no boto3 was told above.
        from botocore.exceptions import BotoCoreError, ClientError

        # DescribeServices is what AWS calls it, and what a policy has to allow.
        called = f"{api.service} {operation.title().replace('_', '')}"
        if isinstance(error, ClientError):
            raise _answered(called, error.response) from error
        if isinstance(error, (BotoCoreError, ValueError)):
            raise _unanswered(called, error) from error
        raise


def _answered(called: str, response: Mapping[str, Any]) -> AwsError:
    said = response.get("Error", {})
    code, text = str(said.get("Code", "")), _line(str(said.get("Message", "")))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    hint = ""
    if code.startswith("AccessDenied"):
        hint = "Allow that to the role of the job."
    elif code in _EXPIRED:
        hint = _NO_CREDENTIALS
    may_pass = status >= _SERVER_ERROR or "Throttl" in code or "RequestLimit" in code
    return AwsError(f"{called}: {code}: {text}", code, hint=hint, may_pass=may_pass)


def _unanswered(called: str, error: Exception) -> AwsError:
    code = type(error).__name__
    hint = _NO_CREDENTIALS if code in _NOBODY else ""
    if code == "NoRegionError":
        hint = "Name the region: in the options of the target, or in AWS_DEFAULT_REGION."
    may_pass = code.endswith(("ConnectionError", "TimeoutError", "ConnectionClosedError"))
    return AwsError(f"{called}: {_line(str(error))}", code, hint=hint, may_pass=may_pass)


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"

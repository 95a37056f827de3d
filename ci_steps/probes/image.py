"""Read the version off the label of an image in its registry, without pulling it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import attrs

from ci_steps.errors import CiStepsError
from ci_steps.images.labels import VERSION
from ci_steps.images.logins import kept_login, named_login
from ci_steps.images.reference import split_in_registry
from ci_steps.images.stored import stored
from ci_steps.options import REQUIRED, option
from ci_steps.probing.labelled import labelled
from ci_steps.protocols import Found

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Question


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `image`."""

    image: str = option(
        REQUIRED,
        "The image with its tag. With {environment} in it, it is what the registry says runs "
        "there; otherwise it is a version that exists.",
        example="registry.shop.example/auth:1",
    )
    version_label: str = option(VERSION, "Label that holds the version.")
    user_env: str = option("", "Environment variable with the user name for the registry.")
    password_env: str = option("", "Environment variable with the password for the registry.")


def ask(question: Question, options: Options, outside: Outside) -> tuple[Found, ...]:
    """Return what the image says it is: no proof that it runs, and no observation."""
    is_of_environment = "{environment}" in options.image
    if is_of_environment != bool(question.environment):
        return ()
    image = question.filled(options.image)
    where = f"registry, {image}"
    try:
        found = _labelled(where, image, options, outside, question.timeout_seconds)
    except CiStepsError as error:
        found = Found(where, problem=str(error))
    return (replace(found, recorded=is_of_environment, released=not is_of_environment),)


def _labelled(
    where: str, image: str, options: Options, outside: Outside, timeout_seconds: float
) -> Found:
    reference = split_in_registry(image)
    login = named_login(options.user_env, options.password_env, outside)
    known = login or kept_login(reference, outside)
    found = stored(reference, outside, known, timeout_seconds=timeout_seconds)
    if found is None:
        return Found(where, problem="the registry does not have it")
    return labelled(where, found.labels, options.version_label)

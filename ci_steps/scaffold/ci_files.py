"""Choices -> the file of the CI system, which says which command is next and hands over secrets."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

import ci_steps

if TYPE_CHECKING:
    from ci_steps.scaffold.choices import Choices

_GITHUB = """\
name: {name}
on:
  push:
    branches: [{branch}]
{paths}  pull_request:
{paths}permissions: {{}}
concurrency:
  group: {name}-${{{{ github.ref }}}}
jobs:
  rehearse:
    # What this version would mean to others; nothing is touched, and no secret is needed.
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    permissions:
      contents: read
      pull-requests: write # the comment
    steps:
      - uses: {checkout}
        with:
          persist-credentials: false
{rehearse}  release:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: {checkout}
        with:
          persist-credentials: false
{run}"""
_USED = """\
      - uses: {action}
        with:
          step: {step}
{inputs}        env:
          CI_STEPS_DICTIONARY: ${{{{ secrets.CI_STEPS_DICTIONARY }}}}
"""
_COMMENTS = "          GITHUB_TOKEN: ${{ github.token }}\n"
# A tag of a release is written once; who trusts nobody names its commit.
_RELEASED = "{repository}@v{version} # zizmor: ignore[unpinned-uses] a tag that never moves"
# The same pin as in the workflow that ci-steps itself offers.
_CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"

_PACKAGE = f"ci-steps=={ci_steps.__version__}"

_JENKINS = """\
// Written by ci-steps init. What a stage has to know of an earlier one is in the dictionary.
pipeline {{
    agent any

    options {{
        disableConcurrentBuilds()
    }}

    environment {{
        // Where the dictionary is, with its password: a "secret text" of Jenkins.
        CI_STEPS_DICTIONARY = credentials('ci-steps-dictionary')
    }}

    stages {{
        stage('Rehearse') {{
            when {{
                changeRequest()
            }}
            steps {{
                sh '{rehearse}'
            }}
        }}
        stage('Release') {{
            when {{
                branch '{branch}'
            }}
            steps {{
                sh '{run}'
            }}
        }}
    }}

    post {{
        always {{
            junit testResults: '{prefix}**/.ci-steps/reports/*.xml', allowEmptyResults: true
            archiveArtifacts artifacts: '{prefix}**/.ci-steps/**', allowEmptyArchive: true
        }}
    }}
}}
"""

_GITLAB = """\
# Written by ci-steps init. CI_STEPS_DICTIONARY is a masked variable of the project.
rehearse:
  image: python:3.12-slim
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - pip install '{package}'
    - {rehearse}

release:
  image: python:3.12-slim
  rules:
    - if: $CI_COMMIT_BRANCH == "{branch}"
  resource_group: {name}
  script:
    - pip install '{package}'
    - {run}
  artifacts:
    when: always
    paths:
      - {kept}
"""


def ci_file(choices: Choices) -> tuple[str, str] | None:
    """Return the file's path from the root of the repository and its text; None for no host."""
    prefix = choices.repository.prefix
    inside = f"{prefix}/" if prefix else ""
    name = f"ci-steps-{choices.service}" if prefix else "ci-steps"
    if choices.host == "github":
        return f".github/workflows/{name}.yml", _github(choices, name)
    config = f" --config {shlex.quote(f'{prefix}/ci-steps.yaml')}" if prefix else ""
    told = {
        "rehearse": f"ci-steps rehearse --pull-request{config}",
        "run": f"ci-steps run{_until(choices)}{config}",
        "prefix": inside,
        "kept": f"{inside}.ci-steps/",
    }
    known = {"name": name, "branch": choices.repository.branch, "package": _PACKAGE}
    if choices.host == "jenkins":
        words = {key: _in_groovy(text) for key, text in told.items()}
        return f"{inside}Jenkinsfile", _JENKINS.format(**known, **words)
    if choices.host == "gitlab":
        words = {key: _in_yaml(text) for key, text in told.items()}
        return ".gitlab-ci.yml", _GITLAB.format(**known, **words)
    return None


def _github(choices: Choices, name: str) -> str:
    prefix = choices.repository.prefix
    config = f"          config: {json.dumps(f'{prefix}/ci-steps.yaml')}\n" if prefix else ""
    stop = _last_step(choices)
    until = f"          until: {stop}\n" if stop else ""
    action = choices.action or _RELEASED.format(
        repository=ci_steps.__repository__, version=ci_steps.__version__
    )
    return _GITHUB.format(
        name=name,
        branch=choices.repository.branch,
        paths=f"    paths: [{json.dumps(f'{prefix}/**')}]\n" if prefix else "",
        checkout=_CHECKOUT,
        rehearse=_USED.format(action=action, step="pull-request", inputs=config) + _COMMENTS,
        run=_USED.format(action=action, step="run", inputs=config + until),
    )


def _in_groovy(text: str) -> str:
    """Return *text* as it stands between single quotes."""
    return text.replace("\\", r"\\").replace("'", r"\'")


def _in_yaml(text: str) -> str:
    """Return *text* as a value of YAML, in quotes only where it needs them."""
    return text if re.fullmatch(r'[\w./][\w./ "-]*', text) else json.dumps(text)


def _until(choices: Choices) -> str:
    stop = _last_step(choices)
    return f' --until "{stop}"' if stop else ""


def _last_step(choices: Choices) -> str:
    """Return where a run ends that nobody watches: a person approves what is in staging."""
    manual = choices.target != "none" and not choices.repository.integration
    return "deploy staging" if manual else ""

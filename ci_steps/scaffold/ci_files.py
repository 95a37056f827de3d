"""Choices -> the file of the CI system, which says which command is next and hands over secrets."""

from __future__ import annotations

import json
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
    steps:
      - uses: {checkout}
        with:
          persist-credentials: false
      - run: pipx install '{package}'
      - run: ci-steps rehearse --markdown >> "$GITHUB_STEP_SUMMARY"
{folder}        env:
          CI_STEPS_DICTIONARY: ${{{{ secrets.CI_STEPS_DICTIONARY }}}}
  release:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: {checkout}
        with:
          persist-credentials: false
      - run: pipx install '{package}'
      - run: ci-steps run{until}
{folder}        env:
          CI_STEPS_DICTIONARY: ${{{{ secrets.CI_STEPS_DICTIONARY }}}}
"""
# The same pin as in the workflow that ci-steps itself offers.
_CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"

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
                sh 'ci-steps rehearse --pull-request{config}'
            }}
        }}
        stage('Release') {{
            when {{
                branch '{branch}'
            }}
            steps {{
                sh 'ci-steps run{until}{config}'
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
    - ci-steps rehearse --pull-request{config}

release:
  image: python:3.12-slim
  rules:
    - if: $CI_COMMIT_BRANCH == "{branch}"
  resource_group: {name}
  script:
    - pip install '{package}'
    - ci-steps run{until}{config}
  artifacts:
    when: always
    paths:
      - {prefix}.ci-steps/
"""


def ci_file(choices: Choices) -> tuple[str, str] | None:
    """Return the file's path from the root of the repository and its text; None for no host."""
    prefix = choices.repository.prefix
    name = f"ci-steps-{choices.service}" if prefix else "ci-steps"
    told = {
        "name": name,
        "branch": choices.repository.branch,
        "package": f"ci-steps=={ci_steps.__version__}",
        "until": _until(choices),
        "prefix": f"{prefix}/" if prefix else "",
        "config": f" --config {prefix}/ci-steps.yaml" if prefix else "",
    }
    if choices.host == "github":
        quoted = json.dumps(prefix)
        paths = f"    paths: [{json.dumps(f'{prefix}/**')}]\n" if prefix else ""
        folder = f"        working-directory: {quoted}\n" if prefix else ""
        text = _GITHUB.format(**told, paths=paths, folder=folder, checkout=_CHECKOUT)
        return f".github/workflows/{name}.yml", text
    if choices.host == "jenkins":
        return f"{told['prefix']}Jenkinsfile", _JENKINS.format(**told)
    return (".gitlab-ci.yml", _GITLAB.format(**told)) if choices.host == "gitlab" else None


def _until(choices: Choices) -> str:
    """Return where a run ends that nobody watches: a person approves what is in staging."""
    manual = choices.target != "none" and not choices.repository.integration
    return ' --until "deploy staging"' if manual else ""

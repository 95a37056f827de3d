"""Pods: what kubectl lists, as it may be; a real API server is asked in `tests.targets`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ci_steps.options import Command
from ci_steps.outside import Outside
from ci_steps.probes import kubernetes
from ci_steps.protocols import Found, Question
from tests.probes.asked import QUESTION, program, told

HASH = "6d4b75cb6d"


def pod(
    version: str = "1.1.0", name: str = "1", *, of: str = "auth", ready: bool = True, **more: Any
) -> dict[str, Any]:
    """Return a pod of a Deployment as an API server lists it."""
    labels = {"pod-template-hash": HASH, **more.pop("labels", {})}
    if version:
        labels["app.kubernetes.io/version"] = version
    owner = {"kind": "ReplicaSet", "name": f"{of}-{HASH}"}
    return {
        "metadata": {
            "name": f"{of}-{HASH}-{name}",
            "labels": labels,
            "ownerReferences": [owner],
            **more.pop("metadata", {}),
        },
        "spec": {"containers": [{"name": "auth", "image": "auth:1"}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": str(ready)}],
            **more,
        },
    }


def found(folder: Path, *pods: Any, text: str = "", **options: Any) -> tuple[Found, ...]:
    """Return what the probe finds where kubectl lists *pods*, or says *text*."""
    (folder / "pods").write_text(text or json.dumps({"items": pods}))
    script = f"""echo "$@" >> {folder}/asked
        case "$*" in *--raw*) echo 1.1.0;; *) cat {folder}/pods;; esac"""
    kubectl = Command((str(program(folder / "kubectl", script)),))
    given = kubernetes.Options(**{"kubectl": kubectl, **options})
    return kubernetes.ask(QUESTION, given, Outside({"PATH": "/usr/bin:/bin"}))


@pytest.mark.parametrize(
    ("pods", "said"),
    [
        pytest.param((pod(), pod(name="2")), ["1.1.0", "1.1.0"], id="replicas"),
        pytest.param(
            (pod(), pod("2.0.0", "2")), ["1.1.0 of several", "2.0.0 of several"], id="disagree"
        ),
        pytest.param(
            (pod(of="auth-1"), pod("2.0.0", of="auth-2")), ["1.1.0", "2.0.0"], id="two lines"
        ),
        pytest.param(
            (pod(), pod("1.0.0", metadata={"deletionTimestamp": "2026-11-23T09:41:00Z"})),
            ["1.1.0"],
            id="one that is about to end",
        ),
        pytest.param((pod(), pod("1.0.0", phase="Failed")), ["1.1.0"], id="one that was evicted"),
        pytest.param(
            (pod(), pod("2.0.0", labels={"ci-steps.io/environment": "production"})),
            ["1.1.0"],
            id="one of another environment",
        ),
        pytest.param((pod(), pod(ready=False)), ["1.1.0", "it is not ready"], id="not ready"),
        pytest.param(
            (
                pod(
                    ready=False,
                    containerStatuses=[
                        {"restartCount": 7, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
                    ],
                ),
            ),
            ["it is not ready: CrashLoopBackOff"],
            id="crashing",
        ),
        pytest.param((pod(""),), ["it has no label app.kubernetes.io/version"], id="no label"),
        pytest.param((), ["no pod has ci-steps.io/service=auth"], id="no pod"),
    ],
)
def test_every_pod_that_can_answer_says_its_version(
    pods: tuple[Any, ...], said: list[str], tmp_path: Path
) -> None:
    assert told(found(tmp_path, *pods)) == said


def test_a_pod_is_kept_by_what_made_it_for_its_own_name_is_new_each_time(tmp_path: Path) -> None:
    answers = found(tmp_path, pod(of="auth-1"), namespace="shop-{environment}", context="far")
    assert [one.where for one in answers] == [f"pod auth-1-{HASH}-1"]
    assert [one.address for one in answers] == ["shop-staging/deployment/auth-1"]
    assert (tmp_path / "asked").read_text().split() == [
        *("--context", "far", "--namespace", "shop-staging", "get", "pods"),
        *("--selector=ci-steps.io/service=auth", "--output", "json"),
    ]


def test_a_port_asks_the_pod_itself_through_the_api_server(tmp_path: Path) -> None:
    answers = found(tmp_path, pod("1.0.0"), port=8080, namespace="shop")
    assert told(answers) == ["1.1.0"], "what it answers, and not its label"
    path = f"/api/v1/namespaces/shop/pods/auth-{HASH}-1:8080/proxy/version"
    assert (tmp_path / "asked").read_text().splitlines()[-1].endswith(f"--raw {path}")


@pytest.mark.parametrize("text", ["<html>", "{}", "[]", '{"items": [{}]}', '{"items": 1}', "null"])
def test_a_list_of_another_form_is_a_problem(text: str, tmp_path: Path) -> None:
    said = ["kubectl describes pods in a way that is not known"]
    assert told(found(tmp_path, text=text)) == said


def test_what_kubectl_says_is_the_problem(tmp_path: Path) -> None:
    kubectl = program(tmp_path / "no", 'echo "error: You must be logged in"; exit 1')
    for command, said in ((str(kubectl), "kubectl get: error: You must"), ("/no/kubectl", "/no/k")):
        options = kubernetes.Options(kubectl=Command((command,)))
        (one,) = kubernetes.ask(QUESTION, options, Outside({"PATH": "/usr/bin:/bin"}))
        assert one.version is None
        assert one.problem.startswith(said)


def test_at_build_time_no_pod_is_asked() -> None:
    assert kubernetes.ask(Question("auth", ""), kubernetes.Options(), Outside({"PATH": ""})) == ()

"""The kubernetes target: what is applied, what proves a pod, what a cluster says no by."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ci_steps.cutting.cut import Cut
from ci_steps.cutting.ways import cut_off
from ci_steps.deploying.kubernetes_manifests import (
    Inserted,
    Written,
    deployment_in,
    insert,
    without_hooks,
)
from ci_steps.errors import CiStepsError, OutsideError, RefusedError, UsageError
from ci_steps.options import Command
from ci_steps.outside import Outside
from ci_steps.probes import kubernetes as probe
from ci_steps.protocols import Job, Question
from ci_steps.targets import kubernetes
from tests.cutting.asked import job_that_cuts
from tests.parts.dictionaries import dictionary_at
from tests.parts.helm import WITHOUT_HELM, helm
from tests.probes.asked import told
from tests.targets.worlds import KubernetesWorld, ask, await_

slow = pytest.mark.slow


def refusal(world: KubernetesWorld, version: str = "1.1", **options: Any) -> CiStepsError:
    with pytest.raises(CiStepsError) as refused:
        world.deploy(version, **options)
    return refused.value


def kubectl(world: KubernetesWorld, *arguments: str, text: str = "") -> Any:
    """Ask kubectl for JSON, or let it do something."""
    done = subprocess.run(
        ["kubectl", *arguments],
        env={**world.outside.environ},
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout


@slow
def test_the_deployment_has_the_image_by_digest_labels_and_variables_and_its_selector_stays(
    kubernetes_world: KubernetesWorld,
) -> None:
    build = kubernetes_world.build("1.0")
    kubernetes_world.deploy("1.0", variables={"PRICE": "5$"})
    found = kubectl(kubernetes_world, "get", "deployment", "auth-1", "-o", "json")
    (container,) = found["spec"]["template"]["spec"]["containers"]
    variables = {one["name"]: one["value"] for one in container["env"]}
    assert container["image"] == f"{build.image.rpartition(':')[0]}@{build.digest}"
    assert {"PRICE": "5$", "CI_STEPS_VERSION": "1.0"}.items() <= variables.items()
    labels = found["spec"]["template"]["metadata"]["labels"]
    assert labels["app.kubernetes.io/version"] == "1.0"
    assert found["spec"]["selector"]["matchLabels"] == {"app": "auth", "slot": "1"}


@slow
def test_each_pod_answers_its_own_version_through_the_api_server(
    kubernetes_world: KubernetesWorld,
) -> None:
    placement = kubernetes_world.deploy("1.0", address="", port=8080)
    assert placement.text == "auth 1.0 is answered by 2 pods"
    refused = refusal(kubernetes_world, says="1.0", address="", port=8080, timeout_seconds=2.0)
    assert "answers version 1.0" in str(refused)
    assert asked(kubernetes_world, port=8080) == ["1.0", "1.0"]
    refused = refusal(kubernetes_world, address="", port=8081, timeout_seconds=2.0)
    assert "kubectl get:" in str(refused)
    assert asked(kubernetes_world, port=8081) != ["1.0", "1.0"]


@slow
def test_the_probe_asks_the_pods_of_every_line_and_none_that_is_about_to_end(
    kubernetes_world: KubernetesWorld,
) -> None:
    kubernetes_world.deploy("1.0")
    kubernetes_world.deploy("2.0", slot="2")
    assert asked(kubernetes_world) == ["1.0", "1.0", "2.0", "2.0"]
    kubernetes_world.deploy("1.1")
    assert asked(kubernetes_world) == ["1.1", "1.1", "2.0", "2.0"]
    assert asked(kubernetes_world, selector="app=gis") == ["no pod has app=gis"]
    assert asked(kubernetes_world, selector="=") != asked(kubernetes_world)


def asked(world: KubernetesWorld, **options: Any) -> list[str]:
    question = Question("auth", "staging", timeout_seconds=20)
    return sorted(told(probe.ask(question, probe.Options(**options), world.outside)))


@slow
def test_what_cannot_become_better_is_refused_at_once_with_the_words_of_the_cluster(
    kubernetes_world: KubernetesWorld,
) -> None:
    before = kubernetes_world.deploy("1.0")
    refused = refusal(kubernetes_world, says="missing", timeout_seconds=100.0)
    assert "ErrImagePull: not found" in str(refused)
    assert ask(before) == "1.0"
    quota = json.dumps(_QUOTA)
    kubectl(kubernetes_world, "apply", "--filename", "-", text=quota)
    try:
        refused = refusal(kubernetes_world, timeout_seconds=3.0)
    finally:
        kubectl(kubernetes_world, "delete", "resourcequota", "few")
    assert "exceeded quota: few" in f"{refused} {refused.hint}"
    assert ask(before) == "1.0"


_QUOTA = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"name": "few"},
    "spec": {"hard": {"pods": "2"}},
}


@slow
def test_what_somebody_else_has_applied_is_brought_back_as_it_ran(
    kubernetes_world: KubernetesWorld,
) -> None:
    theirs = kubernetes_world.deploy("1.0")
    for label in ("ci-steps.io/service-", "ci-steps.io/slot-"):
        kubectl(kubernetes_world, "label", "deployment", "auth-1", label)
    kubectl(kubernetes_world, "annotate", "deployment", "auth-1", "ci-steps.io/proven-")
    assert "CrashLoopBackOff" in str(refusal(kubernetes_world, behaviour="broken"))
    assert ask(theirs) == "1.0"


@slow
def test_a_context_a_namespace_and_a_slot_that_are_not_ours_are_refused_by_name(
    kubernetes_world: KubernetesWorld,
) -> None:
    refused = refusal(kubernetes_world, context="staging")
    assert str(refused) == "kubectl knows no context 'staging'"
    assert refused.hint == "Its contexts are: test."
    refused = refusal(kubernetes_world, namespace="nowhere")
    assert str(refused) == "there is no namespace 'nowhere'"
    kubernetes_world.deploy("1.0")
    kubernetes_world.build("2.0")
    file = kubernetes_world.source / "fixed.yaml"
    text = (kubernetes_world.source / "k8s" / "auth.yaml").read_text()
    file.write_text(text.replace("${CI_STEPS_SLOT}", "1"))
    refused = refusal(kubernetes_world, "2.0", slot="2", manifests=("fixed.yaml",))
    assert "put ${CI_STEPS_SLOT} into its name and its selector" in str(refused)


def test_a_cluster_that_is_away_is_said_in_the_words_of_kubectl(tmp_path: Path) -> None:
    if Outside().which("kubectl") is None:
        pytest.skip("kubectl is not here: what it says of a cluster that is away was not proven")
    away = tmp_path / "kubeconfig"
    away.write_text(_AWAY)
    world = KubernetesWorld(tmp_path / "state", tmp_path / "auth", kubernetes)
    world.environ = {"KUBECONFIG": str(away), "MACHINES": "http://127.0.0.1:1"}
    assert isinstance(refusal(world), OutsideError)


_AWAY = """\
apiVersion: v1
kind: Config
current-context: away
clusters: [{name: away, cluster: {server: "http://127.0.0.1:1"}}]
contexts: [{name: away, context: {cluster: away, user: ""}}]
"""


def test_a_machine_without_kubectl_is_told(tmp_path: Path) -> None:
    assert kubernetes.missing(Outside({"PATH": str(tmp_path)})) == "no program 'kubectl'"


def deployment(name: str, *containers: str) -> dict[str, Any]:
    template = {"spec": {"containers": [{"name": one, "image": "x"} for one in containers]}}
    return {"kind": "Deployment", "metadata": {"name": name}, "spec": {"template": template}}


def inserted(document: dict[str, Any], **more: Any) -> Any:
    given: dict[str, Any] = {
        "service": "auth",
        "slot": "1",
        "environment": "staging",
        "version": "v1_20171001-2",
        "commit": "c0ffee",
        "image": "auth@sha256:00",
        "container": "",
        "told": {"A": "new"},
        **more,
    }
    insert([document], document, Inserted(**given))
    return document["spec"]["template"]


def test_only_the_container_that_is_this_build_is_changed() -> None:
    document = deployment("auth", "proxy", "auth")
    containers = document["spec"]["template"]["spec"]["containers"]
    containers[1]["env"] = [{"name": "A", "value": "old"}, {"name": "B", "value": "kept"}]
    inserted(document)
    assert containers[0] == {"name": "proxy", "image": "x"}
    assert containers[1]["image"] == "auth@sha256:00"
    assert containers[1]["env"] == [{"name": "A", "value": "new"}, {"name": "B", "value": "kept"}]


def test_the_only_container_needs_no_name() -> None:
    template = inserted(deployment("auth", "web"))
    assert template["spec"]["containers"][0]["image"] == "auth@sha256:00"
    assert template["metadata"]["labels"]["app.kubernetes.io/version"] == "v1_20171001-2"


@pytest.mark.parametrize(
    ("containers", "named", "said"),
    [
        (("web", "proxy"), "", "no container 'auth'"),
        (("web",), "wbe", "no container 'wbe', did you mean web?"),
    ],
)
def test_a_container_that_is_not_there_is_named(
    containers: tuple[str, ...], named: str, said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        inserted(deployment("auth", *containers), container=named)


@pytest.mark.parametrize("version", ["1." * 40 + "0", "v1.", "-v1", "1.2.3+b5"])
def test_a_version_that_is_no_value_of_a_label_is_quoted(version: str) -> None:
    with pytest.raises(RefusedError, match="is no value of a label in Kubernetes"):
        inserted(deployment("auth", "auth"), version=version)


@pytest.mark.parametrize(
    ("documents", "name", "said"),
    [
        ([], "", "the manifests have no Deployment"),
        ([deployment("a"), deployment("b")], "", "the manifests have 2 Deployments"),
        ([deployment("auth")], "aut", "no Deployment 'aut', did you mean auth?"),
    ],
)
def test_a_deployment_that_is_not_there_is_said(documents: Any, name: str, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        deployment_in(documents, name)


@slow
@pytest.mark.skipif(not helm(), reason=WITHOUT_HELM)
def test_a_chart_is_deployed_with_its_values_replaced_and_brought_back(
    kubernetes_world: KubernetesWorld,
) -> None:
    chart = kubernetes_world.source / "chart"
    for name, text in _CHART.items():
        (chart / name).parent.mkdir(parents=True, exist_ok=True)
        (chart / name).write_text(text)
    values = chart.parent / "production.yaml"
    values.write_text("replicas: 1\n")
    render = Command(
        (*helm(), "template", "auth-${CI_STEPS_SLOT}", "./chart", "--values", "production.yaml")
    )
    before = kubernetes_world.deploy("1.0", render=render)
    assert (ask(before), len(asked(kubernetes_world))) == ("1.0", 1)
    values.write_text("replicas: 3\n")
    assert ask(kubernetes_world.deploy("1.1", render=render)) == "1.1"
    assert asked(kubernetes_world) == ["1.1"] * 3
    refused = refusal(kubernetes_world, "1.2", says="missing", render=render, timeout_seconds=100.0)
    assert "ErrImagePull" in str(refused)
    assert asked(kubernetes_world) == ["1.1"] * 3
    values.write_text("replicas: few\n")
    refused = refusal(kubernetes_world, "1.2", render=render)
    assert isinstance(refused, UsageError)
    assert str(refused).startswith(
        "kubectl does not take the manifests: ValidationError(Deployment"
    )
    assert str(refused).endswith('DeploymentSpec.replicas: got "string", expected "integer"')
    (chart / "Chart.yaml").unlink()
    assert "Chart.yaml" in str(refusal(kubernetes_world, "1.2", render=render))
    assert ask(before) == "1.1"


_CHART = {
    "Chart.yaml": "{apiVersion: v2, name: auth, version: 0.1.0}\n",
    "values.yaml": "replicas: 2\nslot: ${CI_STEPS_SLOT}\n",
    "templates/service.yaml": """\
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name | quote }}}
spec:
  selector: {release: {{ .Release.Name | quote }}}
  ports: [{port: 80, targetPort: 8080, protocol: TCP}]
""",
    "templates/deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name | quote }}}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchExpressions: [{key: release, operator: In, values: [{{ .Release.Name | quote }}]}]
  template:
    metadata: {labels: {release: {{ .Release.Name | quote }}, slot: {{ .Values.slot | quote }}}}
    spec:
      nodeName: nowhere
      terminationGracePeriodSeconds: 0
      containers: [{name: {{ .Chart.Name }}, image: auth}]
""",
}


def text_of(root: Path, *places: str, render: tuple[str, ...] = (), **told: str) -> str:
    filled: Mapping[str, str] = {"CI_STEPS_VERSION": "1.0", **told}
    return Written(root, places, Command(render), ("kubectl",)).text(filled, Outside())


def test_files_and_folders_are_read_in_order_and_filled_in(tmp_path: Path) -> None:
    (tmp_path / "k8s").mkdir()
    for name, text in (("b.yml", "b"), ("a.yaml", "a: ${CI_STEPS_VERSION} ${HOME}"), ("c.txt", "")):
        (tmp_path / "k8s" / name).write_text(text)
    (tmp_path / "one.yaml").write_text("one")
    assert text_of(tmp_path, "one.yaml", "k8s") == "one\n---\na: 1.0 ${HOME}\n---\nb"


def test_what_a_program_prints_is_taken_instead(tmp_path: Path) -> None:
    assert text_of(tmp_path, "k8s", render=("echo", "v: ${CI_STEPS_VERSION}")) == "v: 1.0"
    counting = ("sh", "-c", "echo $#: $1", "-", "auth-${CI_STEPS_SLOT}")
    assert text_of(tmp_path, render=counting, CI_STEPS_SLOT="2 b") == "1: auth-2 b"
    with pytest.raises(OutsideError, match="`false`: exit status 1"):
        text_of(tmp_path, render=("false",))
    with pytest.raises(OutsideError, match="no-such-helm"):
        text_of(tmp_path, render=("no-such-helm", "template"))


def test_what_helm_would_run_itself_is_not_applied_and_is_named() -> None:
    stays = {"kind": "Service", "metadata": {"name": "auth", "annotations": None}}
    hook = {
        "kind": "Pod",
        "metadata": {"name": "auth-test", "annotations": {"helm.sh/hook": "test"}},
    }
    assert without_hooks([hook, stays]) == ([stays], ("Pod auth-test",))


def test_a_kustomization_is_built(tmp_path: Path) -> None:
    if Outside().which("kubectl") is None:
        pytest.skip("kubectl is not here: that a kustomization is built was not proven")
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s" / "kustomization.yaml").write_text("namePrefix: my-\nresources: [a.yaml]\n")
    map_ = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "a"}\n'
    (tmp_path / "k8s" / "a.yaml").write_text(map_)
    assert "name: my-a" in text_of(tmp_path, "k8s")


@pytest.mark.parametrize("place", ["nowhere", "empty"])
def test_manifests_that_are_not_there_are_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=f"^{place}: no "):
        text_of(tmp_path, place)


@slow
def test_a_deployment_is_scaled_to_nothing_for_a_test_and_back(
    kubernetes_world: KubernetesWorld,
) -> None:
    kubernetes_world.deploy("1.0")
    before = len(kubernetes_world.running())
    cut = Cut(dependency="auth", how="stop", deployment="auth-1")
    with dictionary_at() as dictionary:
        job = job_that_cuts(dictionary, kubernetes_world.outside.environ, "")
        with cut_off(job, cut):
            assert not kubernetes_world.running(), "a test would meet what is about to end"
            with pytest.raises(RefusedError, match="'auth-1' has no pods"):
                enter(job, cut)
    await_(lambda: len(kubernetes_world.running()) == before)


def enter(job: Job, cut: Cut) -> None:
    with cut_off(job, cut):
        pytest.fail("it was cut")

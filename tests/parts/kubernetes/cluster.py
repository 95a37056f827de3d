"""A real API server and the real controllers of Deployments; only the machines are made up.

The programs are built once by `make test-kubernetes`. What marks pods ready and answers for
them is `tests.parts.kubernetes.machines`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ci_steps.options import Command
from ci_steps.outside import Outside
from tests.parts.commands import said_by
from tests.parts.kubernetes.api import Api
from tests.parts.kubernetes.machines import Machines
from tests.parts.ports import free_port

TOKEN = "not-a-secret"
_DEADLINE_SECONDS = 60
# What the script `build` leaves beside a server that does not fall over a custom resource.
_MARK = "reflect2-1.0.2"
_KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: test
clusters: [{{name: test, cluster: {{server: "{url}", insecure-skip-tls-verify: true}}}}]
users: [{{name: user, user: {{token: {token}}}}}]
contexts: [{{name: test, context: {{cluster: test, user: user}}}}]
"""
# A user who may do what is granted, and nothing else.
_SOMEBODY = "somebody"
# Connections to pods go through the machines, which stand in for the network as well.
_EGRESS = """\
apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
- name: cluster
  connection: {{proxyProtocol: HTTPConnect, transport: {{uds: {{udsName: {path}}}}}}}
"""
_CONTROLLERS = "deployment,replicaset,resourcequota,namespace,garbagecollector,endpoint"


@dataclass(frozen=True)
class Kubernetes:
    """How kubectl reaches it, and the machines."""

    environ: Mapping[str, str]
    machines: Machines
    takes_custom_resources: bool = True

    @property
    def as_kubectl(self) -> Command:
        """The program for whoever does not hand on our environment."""
        return Command(("kubectl", "--kubeconfig", self.environ["KUBECONFIG"]))

    def kubectl(self, *arguments: str, text: str = "") -> str:
        """Let kubectl do something, with *text* as its input, and return what it said."""
        return said_by("kubectl", *arguments, environ=self.environ, text=text)

    def somebody(self, resource: str, *verbs: str) -> Mapping[str, str]:
        """Return how kubectl is somebody who has *verbs* for a resource, and nothing else."""
        self.kubectl("delete", "clusterrole,clusterrolebinding", _SOMEBODY, "--ignore-not-found")
        if verbs:
            granted = [f"--verb={verb}" for verb in verbs]
            self.kubectl("create", "clusterrole", _SOMEBODY, f"--resource={resource}", *granted)
            whom = (f"--clusterrole={_SOMEBODY}", f"--user={_SOMEBODY}")
            self.kubectl("create", "clusterrolebinding", _SOMEBODY, *whom)
        folder = Path(self.environ["KUBECONFIG"]).parent
        return {**os.environ, "KUBECONFIG": str(folder / _SOMEBODY)}


@contextmanager
def kubernetes() -> Iterator[Kubernetes]:
    """Start a cluster without machines, and what stands in for those."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="ci-steps-"))
    try:
        with ExitStack() as started:
            url = _start(started, programs, folder)
            environ = {"KUBECONFIG": str(folder / "kubeconfig")}
            api = Api(url.removeprefix("https://"), TOKEN)
            machines = started.enter_context(Machines(api, folder / "network").running())
            yield Kubernetes(environ, machines, _takes_custom_resources(programs))
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Kubernetes]:
    """A cluster for all tests of one process."""
    with kubernetes() as found:
        yield found


def _programs() -> dict[str, str]:
    path = f"{_cache()}:{os.environ.get('PATH', '')}"
    names = ("etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "openssl")
    found = {name: shutil.which(name, path=path) for name in names}
    missing = ", ".join(name for name, place in found.items() if place is None)
    if missing:
        pytest.skip(
            f"no {missing} is here: that a cluster is deployed to was not proven "
            "(make test-kubernetes builds them)"
        )
    return {name: str(place) for name, place in found.items()}


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("CI_STEPS_KUBERNETES") or Path(home, "ci-steps-kubernetes"))


def _takes_custom_resources(programs: Mapping[str, str]) -> bool:
    folder = Path(programs["kube-apiserver"]).parent
    return folder != _cache() or (folder / _MARK).exists()


def _start(started: ExitStack, programs: Mapping[str, str], folder: Path) -> str:
    store, peers, port = (free_port() for _ in range(3))
    at, peer = f"http://127.0.0.1:{store}", f"http://127.0.0.1:{peers}"
    url, key = f"https://127.0.0.1:{port}", str(folder / "key")
    subprocess.run(
        [programs["openssl"], "genrsa", "-out", key, "2048"], check=True, capture_output=True
    )
    users = (f'{TOKEN},admin,admin,"system:masters"', f"{_SOMEBODY},{_SOMEBODY},{_SOMEBODY}")
    (folder / "tokens").write_text("\n".join(users))
    (folder / "egress").write_text(_EGRESS.format(path=folder / "network"))
    (folder / "kubeconfig").write_text(_KUBECONFIG.format(url=url, token=TOKEN))
    (folder / _SOMEBODY).write_text(_KUBECONFIG.format(url=url, token=_SOMEBODY))
    etcd = (
        *("--data-dir", f"{folder}/etcd", "--listen-client-urls", at),
        *("--advertise-client-urls", at, "--listen-peer-urls", peer),
        *("--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"),
        "--unsafe-no-fsync",
    )
    server = (
        *(f"--etcd-servers={at}", "--bind-address=127.0.0.1", f"--secure-port={port}"),
        *(f"--cert-dir={folder}/certs", f"--token-auth-file={folder}/tokens"),
        *("--authorization-mode=RBAC", "--disable-admission-plugins=ServiceAccount"),
        *(f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}"),
        "--service-account-issuer=https://kubernetes.default.svc",
        *("--service-cluster-ip-range=10.96.0.0/24", "--advertise-address=127.0.0.1"),
        *("--endpoint-reconciler-type=none", f"--egress-selector-config-file={folder}/egress"),
    )
    controllers = (
        *(f"--kubeconfig={folder}/kubeconfig", f"--controllers={_CONTROLLERS}"),
        *("--leader-elect=false", "--secure-port=0", "--port=0"),
    )
    _begin(started, (programs["etcd"], *etcd), folder / "etcd.log")
    _begin(started, (programs["kube-apiserver"], *server), folder / "server.log")
    _await_ready(programs["kubectl"], folder)
    _begin(started, (programs["kube-controller-manager"], *controllers), folder / "controllers.log")
    return url


def _begin(started: ExitStack, command: Sequence[str], log: Path) -> None:
    output = started.enter_context(log.open("wb"))
    process = started.enter_context(subprocess.Popen(command, stdout=output, stderr=output))
    started.callback(process.terminate)


def _await_ready(kubectl: str, folder: Path) -> None:
    """Poll: the server tells nobody when it is ready."""
    outside = Outside({**os.environ, "KUBECONFIG": str(folder / "kubeconfig")})
    end = time.monotonic() + _DEADLINE_SECONDS
    while not outside.ask([kubectl, "get", "namespace", "default"]).ok:
        assert time.monotonic() < end, (folder / "server.log").read_text()[-2000:]
        time.sleep(0.1)

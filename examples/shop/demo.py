"""Bring the shop to production, then ship an auth that breaks its callers, and show who knows.

Everything is real but the mail server: services run as local processes, messages are files.
Run again, it finds the dictionary of the last time, and nobody is told twice.
"""

from __future__ import annotations

import argparse
import email
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from email import policy
from pathlib import Path
from textwrap import indent

SHOP = Path(__file__).parent
SERVICES = ("auth", "gis", "mail", "web")
ENVIRONMENTS = ("staging", "production")
# The same content gives the same commit, so that a second demo finds what the first released.
_GIT_DATE = "2026-11-23T09:00:00+00:00"
_BASE_IMAGE = "python:3.12-slim"


def main() -> int:
    """Run the whole story in a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default=".cache/demo", type=Path)
    parser.add_argument("--any-port", action="store_true", help="the usual ports may be taken")
    parser.add_argument("--keep", action="store_true", help="leave the services running")
    said = parser.parse_args()
    folder = said.folder.absolute()
    demo = Demo(folder, any_port=said.any_port)
    try:
        return demo.play()
    except subprocess.CalledProcessError as error:
        print(f"\nThe demo stopped: {' '.join(error.cmd)} ended with {error.returncode}.")
        print(f"If {folder} is of an older shop, remove it and run the demo again.")
        return 1
    finally:
        if not said.keep:
            demo.stop()


class Demo:
    """One world in one folder: a dictionary, four services, what they sent."""

    def __init__(self, folder: Path, *, any_port: bool = False) -> None:
        self.folder, self.any_port = folder, any_port
        self.commits: dict[str, str] = {}  # only of folders that no git has made a repository
        self.environ = {
            **os.environ,
            "CI_STEPS_DICTIONARY": str(folder / "dictionary.db"),
            "CI_STEPS_STATE": str(folder / "processes"),
            "CI_STEPS_NOTIFY_OWNERS_STRICT": "true",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "USER": os.environ.get("USER", "demo"),
        }

    def play(self) -> int:
        """Tell the story in four acts."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.title("1. The shop goes to production")
        self.choose_engine()
        self.ci_steps("dictionary", "load", str(SHOP / "world.yaml"))
        for service in SERVICES:
            self.check_out(service, SHOP / service)
            self.ci_steps("run", "--quiet", service=service)

        self.title("2. A major of auth is released: it breaks those who call auth-1")
        self.check_out("auth", SHOP / "auth", SHOP / "next" / "auth")
        self.ci_steps("notices", "who", "auth", "2.0.0")
        self.ci_steps("run", "--quiet", service="auth")

        self.title("3. The same release once more: nobody is told twice")
        self.ci_steps("run", "--quiet", service="auth")

        self.title("4. What is so now")
        self.ci_steps("dictionary", "live", "production")
        self.ci_steps("version-check", "--environment", "production", service="web")
        self.ci_steps("notices", "status")
        return self.show_messages()

    def title(self, text: str) -> None:
        """Print a heading."""
        print(f"\n== {text}\n", flush=True)

    def ci_steps(self, *arguments: str, service: str = "") -> None:
        """Run a command as one would type it, and show that it was typed."""
        where = f"({service}) " if service else ""
        if "--quiet" not in arguments[2:]:
            print(f"{where}$ ci-steps {' '.join(arguments)}", flush=True)
        cwd = self.folder / service if service else self.folder
        environ = {**self.environ, "CI_STEPS_COMMIT": self.commits.get(service, "")}
        command = [sys.executable, "-m", "ci_steps", *arguments]
        subprocess.run(command, cwd=cwd, env=environ, check=True)

    def check_out(self, service: str, *layers: Path) -> None:
        """Make the service's folder what a checkout of its repository would be."""
        folder = self.folder / service
        for path in folder.iterdir() if folder.exists() else ():
            if path.name in {".git", ".ci-steps"}:
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for layer in layers:
            shutil.copytree(
                layer, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        if self.any_port:
            config = folder / "ci-steps.yaml"
            config.write_text(re.sub(r"port: \d+", "port: 0", config.read_text()))
        if shutil.which("git"):
            self.commit(folder)
        else:
            self.commits[service] = _digest(folder)

    def commit(self, folder: Path) -> None:
        """Commit what is there, as a root commit: the same content is the same commit."""
        environ = {
            **self.environ,
            "GIT_AUTHOR_DATE": _GIT_DATE,
            "GIT_COMMITTER_DATE": _GIT_DATE,
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        who = ["-c", "user.name=shop", "-c", "user.email=shop@shop.example"]

        def git(*arguments: str) -> str:
            done = subprocess.run(
                ["git", *who, *arguments],
                cwd=folder,
                env=environ,
                check=True,
                capture_output=True,
                text=True,
            )
            return done.stdout.strip()

        if not (folder / ".git").exists():
            git("init", "--quiet")
        git("add", "--all")
        tree = git("write-tree")
        git("update-ref", "HEAD", git("commit-tree", tree, "-m", "release"))

    def choose_engine(self) -> None:
        """Build images where there is an engine and the image they begin with; else say so."""
        engines = ("docker", "podman", "buildah")
        engine = next((name for name in engines if self.can_build(name)), None)
        if engine:
            self.environ["CI_STEPS_CONTAINER_BUILD_ENGINE"] = engine
            print(f"Images are built with {engine}.\n")
            return
        self.environ["CI_STEPS_CONTAINER_BUILD_WHEN"] = "never"
        print(f"No container engine that has {_BASE_IMAGE}: container-build is left out.\n")

    def can_build(self, engine: str) -> bool:
        """Return whether the engine is here and has, or can fetch, the image to begin with."""
        if not shutil.which(engine):
            return False
        inspect = [engine, "inspect", "--type", "image", _BASE_IMAGE]
        return any(self.succeeds(command) for command in (inspect, [engine, "pull", _BASE_IMAGE]))

    def succeeds(self, command: list[str]) -> bool:
        """Return whether a command ends well within two minutes."""
        try:
            done = subprocess.run(
                command, env=self.environ, capture_output=True, check=False, timeout=120
            )
        except (subprocess.TimeoutExpired, OSError):
            return False
        return done.returncode == 0

    def show_messages(self) -> int:
        """Say where the messages lie, show one, and check that the right ones were told."""
        letters = {
            letter["To"]: path
            for path in sorted(self.folder.glob("*/.ci-steps/notices/*.eml"))
            for letter in [email.message_from_bytes(path.read_bytes(), policy=policy.default)]
        }
        print("\nThe message to the owner of gis:\n")
        print(indent(_text(letters["gis-owners@shop.example"]), "    "))
        print(f"The messages lie in {self.folder}:")
        for recipient, path in letters.items():
            name = path.relative_to(self.folder).with_suffix("")
            print(f"  {recipient}: {name}.eml, .html and .slack.json")
        expected = {"gis-owners@shop.example", "web-owners@shop.example"}
        if set(letters) != expected:
            print(f"The demo failed: told were {sorted(letters)}, expected {sorted(expected)}.")
            return 1
        print("\nDone: auth 2.0.0 stands beside 1.1.0, the owners of gis and web know by when to")
        print("move, the owner of mail was left in peace. Run it again: nobody is told twice.")
        return 0

    def stop(self) -> None:
        """Stop every process that was started; the dictionary stays for the next time."""
        for service in reversed(SERVICES):
            for environment in ENVIRONMENTS:
                if (self.folder / service / "ci-steps.yaml").exists():
                    self.ci_steps("stop", environment, "--quiet", service=service)


def _text(path: Path) -> str:
    letter = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    body = letter.get_body(("plain",))
    return f"Subject: {letter['Subject']}\n\n{body.get_content() if body else ''}"


def _digest(folder: Path) -> str:
    """Return a name for the content of a folder that is no repository."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".ci-steps" not in path.parts:
            digest.update(json.dumps([str(path.relative_to(folder))]).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:40]


if __name__ == "__main__":
    sys.exit(main())

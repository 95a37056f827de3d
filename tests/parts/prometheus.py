"""A real Prometheus that holds a history made by the test, or asks what runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.parts.ports import free_port

_MINUTE = timedelta(minutes=1)
_DEADLINE_SECONDS = 30
_SCRAPES = """\
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
- {{job_name: lines, static_configs: [{{targets: {targets}}}]}}
"""


class History:
    """Counters over time, in the text format of OpenMetrics."""

    def __init__(self, start: datetime, end: datetime, every: timedelta = 2 * _MINUTE) -> None:
        self.start, self.end, self.every = start, end, every
        self._lines: list[str] = []

    def counter(
        self,
        labels: Mapping[str, str],
        calls: Sequence[datetime] = (),
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        gaps: Sequence[tuple[datetime, datetime]] = (),
    ) -> None:
        """Add a counter that rises by one at each of *calls* and is scraped but in *gaps*."""
        written = ",".join(f'{name}="{value}"' for name, value in labels.items())
        moment = since or self.start
        while moment <= (until or self.end):
            if not any(begin <= moment < over for begin, over in gaps):
                value = sum(1 for call in calls if call <= moment)
                self._lines.append(
                    f"http_requests_total{{{written}}} {value} {moment.timestamp():.0f}"
                )
            moment += self.every

    def text(self) -> str:
        return "\n".join(["# TYPE http_requests counter", *self._lines, "# EOF", ""])


@contextmanager
def prometheus(history: History, folder: Path) -> Iterator[str]:
    """Start a Prometheus with *history* and yield its address."""
    if shutil.which("prometheus") is None or shutil.which("promtool") is None:
        pytest.skip("prometheus is not here: what it answers about calls was not proven")
    source, data = folder / "history.txt", folder / "data"
    source.write_text(history.text())
    # Few large blocks: hundreds of those of two hours take minutes.
    made = ["promtool", "tsdb", "create-blocks-from", "--max-block-duration=1296h", "openmetrics"]
    subprocess.run([*made, source, data], check=True, capture_output=True)
    with _started(folder, "{}\n") as address:
        yield address


@contextmanager
def scraping(addresses: Sequence[str], folder: Path) -> Iterator[str]:
    """Start a Prometheus that asks *addresses* five times a second, and yield its own."""
    if shutil.which("prometheus") is None:
        pytest.skip("prometheus is not here: that it judges lines while calls move was not proven")
    targets = json.dumps([address.removeprefix("http://") for address in addresses])
    with _started(folder, _SCRAPES.format(targets=targets)) as address:
        yield address


@contextmanager
def _started(folder: Path, configuration: str) -> Iterator[str]:
    settings, data = folder / "prometheus.yml", folder / "data"
    settings.write_text(configuration)
    log, listens = folder / "log", f"127.0.0.1:{free_port()}"
    command = [
        *("prometheus", f"--config.file={settings}", f"--storage.tsdb.path={data}"),
        *("--storage.tsdb.retention.time=10y", f"--web.listen-address={listens}"),
    ]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as run:
        try:
            _await_ready(f"http://{listens}", log)
            yield f"http://{listens}"
        finally:
            run.terminate()


def _await_ready(address: str, log: Path) -> None:
    """Poll: it tells nobody that it is ready."""
    end = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(f"{address}/-/ready", timeout=5):
            return
        time.sleep(0.05)
    raise AssertionError(log.read_text())

"""Draw the page of a job as GitHub shows it: `python docs/pictures.py PAGE.md PICTURE.png`.

It needs chromium, and two packages of npm in the folder that NPM names::

    npm install --prefix .cache/pictures mermaid github-markdown-css

The pages in docs/pictures are those of `make demo`, run with GITHUB_ACTIONS=true and a file in
GITHUB_STEP_SUMMARY: the release of auth 2.0.0, and a 3.0.0 that answers as 2.0.0.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt

NPM = Path(os.environ.get("NPM") or ".cache/pictures", "node_modules").resolve()
_PAGE = """\
<!doctype html><meta charset="utf-8">
<link rel="stylesheet" href="file://{npm}/github-markdown-css/github-markdown-light.css">
<body class="markdown-body" style="padding: 24px; max-width: 980px; background: #fff">{body}
<script src="file://{npm}/mermaid/dist/mermaid.min.js"></script>
<script>mermaid.initialize({{startOnLoad: true}})</script>
"""
_MERMAID = re.compile(r'<pre><code class="language-mermaid">(.*?)</code></pre>', re.DOTALL)
_ALERT = re.compile(r"<blockquote>\s*<p>\[!(\w+)\]\s*")


def main() -> None:
    """Draw one page."""
    page, picture, *height = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_text(_PAGE.format(npm=NPM, body=body(Path(page).read_text("utf-8"))), "utf-8")
        how = ("--headless", "--no-sandbox", "--hide-scrollbars", "--virtual-time-budget=8000")
        size = f"--window-size=1040,{(height or ['1000'])[0]}"
        what = ("--allow-file-access-from-files", f"--screenshot={picture}", f"file://{file}")
        subprocess.run(["chromium", *how, size, *what], check=True, capture_output=True)


def body(markdown: str) -> str:
    """Return what GitHub makes of Markdown: alerts and pictures as well."""
    shown: str = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    shown = _MERMAID.sub(r'<pre class="mermaid">\1</pre>', shown)
    return _ALERT.sub(_alert, shown)


def _alert(found: re.Match[str]) -> str:
    kind = found[1].lower()
    title = f'<p class="markdown-alert-title">{kind.capitalize()}</p><p>'
    return f'<blockquote class="markdown-alert markdown-alert-{kind}">{title}'


if __name__ == "__main__":
    main()

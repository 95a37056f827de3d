"""The mail of the example as a picture, which says of which page it was made."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import tempfile
import zlib
from hashlib import sha256
from pathlib import Path

PICTURE = Path(__file__).parent / "notice.png"
_WIDTH = 760
_KEY = b"ci-steps-page\0"
_BROWSER = "chromium"
_MEASURE = "<script>document.title = document.body.scrollHeight</script>"
_SIGNATURE_AND_SIZE = 8 + 25  # a PNG begins with eight bytes and its first chunk
_SECONDS = 60


def is_current(html: str) -> bool:
    """Return whether the picture was made of just this page."""
    return PICTURE.is_file() and _mark(html) in PICTURE.read_bytes()


def draw(html: str) -> str:
    """Make the picture anew if it is of another page; return why it was not, or nothing."""
    if is_current(html):
        return ""
    if shutil.which(_BROWSER) is None:
        return f"{PICTURE.name} shows an older notice: {_BROWSER} is not installed here"
    with tempfile.TemporaryDirectory() as folder:
        page, shot = Path(folder, "notice.html"), Path(folder, "shot.png")
        page.write_text(html + _MEASURE, "utf-8")
        title = re.search(r"<title>(\d+)</title>", _chromium(folder, page, 600, "--dump-dom"))
        assert title is not None
        page.write_text(html, "utf-8")
        _chromium(folder, page, int(title[1]), f"--screenshot={shot}")
        content = shot.read_bytes()
    head, rest = content[:_SIGNATURE_AND_SIZE], content[_SIGNATURE_AND_SIZE:]
    PICTURE.write_bytes(head + _mark(html) + rest)
    return ""


def _mark(html: str) -> bytes:
    """Return a chunk of text, as a PNG may have it: the digest of the page."""
    content = b"tEXt" + _KEY + sha256(html.encode()).hexdigest().encode()
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))


def _chromium(folder: str, page: Path, height: int, *what: str) -> str:
    done = subprocess.run(
        [
            *(_BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *(f"--user-data-dir={folder}/profile", f"--window-size={_WIDTH},{height}"),
            *(*what, page.as_uri()),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    return done.stdout

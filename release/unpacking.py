"""Unpack ci-steps once into a folder of the user, and become it.

An old Python must be able to read this file, so that it gets a sentence and no traceback.
"""

import io
import os
import shutil
import stat
import sys
import tempfile
import zipfile

_OLDEST = (3, 10)
_KEY = "KEY"  # of what is in the archive: one with other contents gets another folder
_OTHERS_MAY_WRITE = 0o022


def main() -> None:
    """Run ci-steps, or say why not."""
    if sys.version_info < _OLDEST:
        found = ".".join(map(str, sys.version_info[:2]))
        refuse(f"this is Python {found}, and ci-steps needs 3.10 or newer", status=2)
    tag = str(sys.implementation.cache_tag)
    try:
        library = unpacked(os.path.join(cache(), f"{_KEY[:16]}-{tag}"), tag)
    except OSError as error:
        refuse(f"ci-steps cannot be unpacked: {error}; name a folder in CI_STEPS_CACHE", status=3)
    # Instead of the archive; the folder that is being built is nowhere in it.
    sys.path[0] = library
    from ci_steps.__main__ import main as run

    run()


def cache() -> str:
    """Return a folder that nobody else can write to."""
    if os.environ.get("CI_STEPS_CACHE"):
        return os.path.abspath(os.environ["CI_STEPS_CACHE"])
    folder = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    for above in (folder, os.path.dirname(folder)):
        if os.path.isabs(above) and os.path.isdir(above):
            if os.access(above, os.W_OK):
                return os.path.join(folder, "ci-steps")
            break
    return temporary()


def temporary() -> str:
    """Return a folder for a user without a home, or with one that cannot be written to."""
    folder = os.path.join(tempfile.gettempdir(), f"ci-steps-{os.getuid()}")
    os.makedirs(folder, 0o700, exist_ok=True)
    found = os.lstat(folder)
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not is_ours or found.st_mode & _OTHERS_MAY_WRITE:
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder


def unpacked(folder: str, tag: str) -> str:
    """Return *folder*, filled; of two processes that fill it at once one wins."""
    if os.path.isdir(folder):
        return folder
    above = os.path.dirname(folder)
    os.makedirs(above, 0o700, exist_ok=True)
    half = tempfile.mkdtemp(dir=above)
    try:
        fill(half, tag)
        os.rename(half, folder)
    except OSError:
        shutil.rmtree(half, ignore_errors=True)
        if not os.path.isdir(folder):
            raise
    return folder


def fill(folder: str, tag: str) -> None:
    """Write the sources, and what is compiled for this Python."""
    made = set()
    with zipfile.ZipFile(os.path.dirname(os.path.abspath(__file__))) as archive:
        for name in {"sources.zip", f"{tag}.zip"}.intersection(archive.namelist()):
            with zipfile.ZipFile(io.BytesIO(archive.read(name))) as part:
                for entry in part.infolist():
                    path = os.path.join(folder, entry.filename)
                    if os.path.dirname(path) not in made:
                        made.add(os.path.dirname(path))
                        os.makedirs(os.path.dirname(path), exist_ok=True)
                    # A third of the time that extractall needs.
                    with open(path, "wb") as file:
                        file.write(part.read(entry))


def refuse(text: str, status: int) -> None:
    """End with one line."""
    sys.stderr.write(f"error: {text}\n")
    sys.exit(status)


main()

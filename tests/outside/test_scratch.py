"""A folder for a while."""

from __future__ import annotations

import pytest

from ci_steps.errors import OutsideError
from ci_steps.outside import Outside


def test_the_files_are_there_for_the_block_and_gone_after_it() -> None:
    with Outside().scratch({"sub/a.proto": b"x", "b": b""}) as folder:
        assert (folder / "sub" / "a.proto").read_bytes() == b"x"
        assert sorted(path.name for path in folder.iterdir()) == ["b", "sub"]
    assert not folder.exists()


def test_they_are_gone_when_the_block_fails() -> None:
    with pytest.raises(RuntimeError), Outside().scratch({"a": b""}) as folder:
        raise RuntimeError
    assert not folder.exists()


@pytest.mark.parametrize("name", ["../a", "/etc/a", "a/../../b", "", "a\0b"])
def test_a_name_cannot_leave_the_folder(name: str) -> None:
    with (
        pytest.raises(OutsideError, match="is not the name of a file"),
        Outside().scratch({name: b""}),
    ):
        pass

"""Artifacts are whole or not there."""

import errno
import os
import subprocess
from pathlib import Path

import pytest

from argosy.core.artifact import damaged_files, open_artifact, sweep, write_atomically, writing
from argosy.core.errors import MachineError, MissingError


def _write(store: Path, text: str = "hello") -> Path:
    with writing(store, "thing") as draft:
        (draft.path / "inner").mkdir()
        (draft.path / "inner" / "file.txt").write_text(text)
    return draft.artifact.path


def test_same_content_has_the_same_digest_and_place(tmp_path: Path) -> None:
    """Two drafts with the same files end in one folder."""
    assert _write(tmp_path) == _write(tmp_path)
    assert _write(tmp_path) != _write(tmp_path, "other")
    assert len(list(tmp_path.iterdir())) == 2


def test_an_error_inside_the_block_leaves_nothing(tmp_path: Path) -> None:
    """A stage that fails half-way leaves no folder behind."""
    with pytest.raises(RuntimeError), writing(tmp_path, "thing") as draft:
        (draft.path / "half.txt").write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    """ENOSPC becomes a MachineError that says what to do; the draft is gone."""
    with pytest.raises(MachineError, match="full"), writing(tmp_path, "thing"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_really_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    """On a file system of 1 MB the second artifact does not fit; the first one stays readable."""
    store = tmp_path / "small"
    store.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(store)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this system does not let tests mount")
    try:
        first = _write(store)
        with pytest.raises(MachineError, match="full"), writing(store, "thing") as draft:
            (draft.path / "big.bin").write_bytes(b"x" * 2_000_000)
        assert damaged_files(open_artifact(first)) == []
        assert [path.name for path in store.iterdir()] == [first.name]
    finally:
        subprocess.run(["umount", str(store)], check=True)


def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    """EROFS becomes a MachineError with a mend."""
    with pytest.raises(MachineError, match="cannot be written"), writing(tmp_path, "thing"):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_a_changed_file_is_found(tmp_path: Path) -> None:
    """Damage shows when the files are compared with the manifest."""
    artifact = open_artifact(_write(tmp_path))
    (artifact.path / "inner" / "file.txt").write_text("changed")
    assert damaged_files(artifact) == ["inner/file.txt"]


def test_a_folder_without_manifest_is_no_artifact(tmp_path: Path) -> None:
    """What was killed before its manifest is never opened."""
    with pytest.raises(MissingError):
        open_artifact(tmp_path)


def test_sweep_removes_what_was_left_aside(tmp_path: Path) -> None:
    """Drafts of killed processes go, whole artifacts stay."""
    whole = _write(tmp_path)
    (tmp_path / ".aside-dead").mkdir()
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [whole]


def test_write_atomically_keeps_the_old_file_on_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the rename fails, the old text is still there and no scrap is left."""
    path = tmp_path / "lock"
    write_atomically(path, "old")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(MachineError):
        write_atomically(path, "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("lock", "old")]

from __future__ import annotations

import os
from pathlib import Path

import pytest
from upath import UPath

from airflow_provider_whatsapp.client.resources.download import (
    pending_file,
    validate_target,
)
from airflow_provider_whatsapp.exceptions import InvalidRequestError


@pytest.fixture(params=["local", "object storage"])
def folder(request, tmp_path):
    """A folder on the disk, and one in object storage, with an older file in it."""
    folder = tmp_path if request.param == "local" else UPath(f"memory://bucket{tmp_path}")
    (folder / "report.pdf").write_bytes(b"old")
    return folder


def names(folder):
    return [path.name for path in folder.iterdir()]


def test_whole(folder):
    """A file takes the place of the older one when it is whole, and not before."""
    target = folder / "report.pdf"
    with pending_file(target) as file:
        file.write(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert names(folder) == ["report.pdf"]


def break_off(target, error):
    with pending_file(target) as file:
        file.write(b"new")
        raise error


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt])
def test_broken_off(folder, error):
    """An unfinished file is removed after any error, and the older file stays."""
    target = folder / "report.pdf"
    with pytest.raises(error, match="midway"):
        break_off(target, error("midway"))
    assert target.read_bytes() == b"old"
    assert names(folder) == ["report.pdf"]


def test_name_is_taken_by_a_folder(tmp_path):
    """A file that cannot get its name leaves nothing behind."""
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(InvalidRequestError, match="folder"), pending_file(target) as file:
        file.write(b"new")
    assert names(tmp_path) == ["folder"]


def test_longest_name(tmp_path):
    """A name may be as long as the disk allows."""
    target = tmp_path / ("a" * 255)
    with pending_file(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new"


def test_targets(tmp_path):
    """A path is taken as it is, and a text as a local path."""
    assert (
        validate_target(tmp_path / "a")
        == validate_target(f"{tmp_path}/a")
        == tmp_path / "a"
    )
    storage = UPath("memory://bucket/a")
    assert validate_target(storage) is storage


@pytest.mark.parametrize(
    ("target", "remedy"),
    [
        ("", "ObjectStoragePath"),
        ("s3://bucket/a", "ObjectStoragePath"),
        ("/", "Add a file name"),
        (Path(), "file name"),
    ],
    ids=["empty", "uri", "root", "here"],
)
def test_no_targets(target, remedy):
    """An invalid path is an error with a remedy."""
    with pytest.raises(InvalidRequestError, match=f"^target: must be .*{remedy}"):
        validate_target(target)


def test_a_link_that_is_made_meanwhile_stays(tmp_path):
    """A file that takes the name during the download is not replaced, either."""
    target = tmp_path / "report.pdf"

    def write():
        with pending_file(target) as file:
            file.write(b"new")
            target.symlink_to(__file__)

    with pytest.raises(InvalidRequestError, match="must be a regular file"):
        write()
    assert target.is_symlink()


@pytest.fixture(params=["device", "link", "dangling link", "named pipe"])
def special(request, tmp_path):
    """The path of something other than a regular file."""
    if request.param == "device":
        return Path("/dev/null")
    path = tmp_path / "special"
    if request.param == "named pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(__file__ if request.param == "link" else "nowhere")
    return path


@pytest.mark.parametrize(
    "kind", [str, Path, lambda path: UPath(f"file://{path}")], ids=["text", "path", "URI"]
)
def test_only_a_regular_file_is_replaced(special, kind):
    """Devices, links and pipes stay what they are, also for root."""
    if isinstance(kind(special), UPath) and not special.exists():
        pytest.skip("fsspec does not show a link that leads nowhere")
    before = special.lstat().st_mode
    with pytest.raises(
        InvalidRequestError, match="target: must be a regular file, or not exist"
    ):
        validate_target(kind(special))
    assert special.lstat().st_mode == before

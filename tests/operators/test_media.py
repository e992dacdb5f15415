import hashlib
import json

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_whatsapp.exceptions import OutcomeUnknownError
from airflow_provider_whatsapp.operators.media import (
    DeleteMediaOperator,
    DownloadMediaOperator,
    UploadMediaOperator,
)


def upload(file, **arguments):
    return UploadMediaOperator(task_id="upload", file=file, **arguments).execute({})


@pytest.fixture
def pdf(tmp_path):
    """A small document."""
    file = tmp_path / "invoice.pdf"
    file.write_bytes(b"%PDF-1.4 one page")
    return file


def uploads(sandbox):
    return sandbox.media()


@pytest.mark.parametrize(
    "spelling", ["{}", "file://{}"], ids=["path", "URI of object storage"]
)
def test_a_file_arrives_byte_for_byte(sandbox, pdf, spelling):
    """A local path and a URI of Airflow's object storage both arrive complete, under their own name."""
    result = upload(spelling.format(pdf))
    (media,) = uploads(sandbox)
    assert result == {"media_id": media["id"], "mime_type": "application/pdf", "size": 17}
    assert media["sha256"] == hashlib.sha256(pdf.read_bytes()).hexdigest()


def test_the_type_can_be_given(sandbox, tmp_path):
    """A file whose name tells nothing is uploaded as the type that the task names."""
    file = tmp_path / "export"
    file.write_bytes(b"a,b")
    assert upload(file, mime_type="text/plain")["mime_type"] == "text/plain"


@pytest.mark.parametrize(
    ("name", "size", "named"),
    [
        ("missing.pdf", None, "does not exist"),
        (
            "empty.pdf",
            0,
            "must have 1 to 104,857,600 bytes for a document .got 'empty.pdf', 0 bytes",
        ),
        (
            "large.png",
            5 * 1024 * 1024 + 1,
            "must have 1 to 5,242,880 bytes for an image .got 'large.png', 5,242,881 bytes",
        ),
        ("program.exe", 10, "must be of a type that WhatsApp takes"),
    ],
)
def test_a_file_that_whatsapp_does_not_take_is_never_sent(
    sandbox, tmp_path, name, size, named
):
    """A missing, empty, too large or unknown file fails the task without retries, and no call is made."""
    file = tmp_path / name
    if size is not None:
        with file.open("wb") as content:
            content.truncate(size)
    with pytest.raises(AirflowFailException, match=named):
        upload(file)
    assert sandbox.requests() == []


def test_a_folder_is_not_a_file(sandbox, tmp_path):
    """A folder is an error of its own."""
    with pytest.raises(AirflowFailException, match="which is a folder or a device"):
        upload(tmp_path)


def test_a_lost_response_may_be_tried_again_by_the_task(sandbox, pdf):
    """An upload whose response was lost is not repeated by the client, but Airflow's retries may do so."""
    sandbox.fault(path="/media$", behaviour="drop_after")
    with pytest.raises(OutcomeUnknownError, match="another attempt is harmless"):
        upload(pdf)
    assert len(uploads(sandbox)) == 1


@pytest.mark.parametrize("file", [None, "", 5], ids=str)
def test_no_file_is_named_as_such(sandbox, file):
    """The error about a missing result of an upstream task says so, and there is no retry."""
    with pytest.raises(AirflowFailException, match="file: must be a path or a URI"):
        upload(file)


def download(media_id, file, **arguments):
    return DownloadMediaOperator(
        task_id="download", media_id=media_id, file=file, **arguments
    )


def delete(media_id, **arguments):
    return DeleteMediaOperator(task_id="delete", media_id=media_id, **arguments)


@pytest.mark.parametrize(
    "spelling", ["{}", "file://{}"], ids=["path", "URI of object storage"]
)
def test_a_file_comes_back_byte_for_byte(sandbox, pdf, tmp_path, spelling):
    """An uploaded file is downloaded to a path or URI; its place, type, size and hash are returned."""
    media_id = upload(pdf)["media_id"]
    target = tmp_path / "copy.pdf"
    task = download("{{ media_id }}", spelling.format("{{ folder }}/copy.pdf"))
    task.render_template_fields({"media_id": media_id, "folder": str(tmp_path)})
    result = task.execute({})
    assert target.read_bytes() == pdf.read_bytes()
    assert result == {
        "file": spelling.format(target),
        "mime_type": "application/pdf",
        "size": 17,
        "sha256": hashlib.sha256(pdf.read_bytes()).hexdigest(),
    }
    assert json.loads(json.dumps(result)) == result


def test_media_that_is_gone_cannot_be_downloaded(sandbox, tmp_path):
    """An unknown id fails the task without retries and leaves no file behind."""
    with pytest.raises(AirflowFailException, match="NotFoundError: "):
        download("4711", tmp_path / "copy.pdf").execute({})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("media_id", "file", "named"),
    [
        ("47/11", "copy.pdf", "media_id: must be an id of digits"),
        (None, "copy.pdf", "media_id: must be an id of digits"),
        ("4711", None, "file: must be a path or a URI"),
        ("4711", "", "file: must be a path or a URI"),
        ("4711", ".", "must be a file (got a folder). Add a file name"),
    ],
    ids=["no id", "none", "no file", "empty", "folder"],
)
def test_a_wrong_download_fails_before_any_call(
    error_of, tmp_path, monkeypatch, media_id, file, named
):
    """An error about media id or path names the field, and no call is made."""
    monkeypatch.chdir(tmp_path)
    assert named in error_of(download(media_id, file))


def test_a_download_needs_its_folder(sandbox, calls, pdf, tmp_path):
    """A folder that is not there is named before any call, with what to do."""
    with pytest.raises(
        AirflowFailException,
        match="target: must be in a folder that exists on this worker .got a missing folder.. Make",
    ):
        download("4711", tmp_path / "no" / "folder" / "copy.pdf").execute({})
    assert calls() == []


def test_an_upload_can_be_deleted(sandbox, calls, pdf):
    """The file is gone after one call, and nothing is returned."""
    media_id = upload(pdf)["media_id"]
    assert delete(int(media_id)).execute({}) is None
    assert [media["deleted"] for media in uploads(sandbox)] == [True]
    assert calls()[1:] == [f"DELETE …/{media_id}"]


def test_what_is_not_there_fails_unless_it_may_be_missing(sandbox, pdf, calls):
    """A second deletion is an error, except with ignore_if_missing."""
    media_id = upload(pdf)["media_id"]
    delete(media_id).execute({})
    with pytest.raises(AirflowFailException, match="NotFoundError: "):
        delete(media_id).execute({})
    delete(media_id, ignore_if_missing=True).execute({})
    assert calls()[1:] == [f"DELETE …/{media_id}"] * 3


def test_ignore_if_missing_hides_no_other_rejection(sandbox, pdf, connect):
    """A rejected key does not count as a missing file."""
    connect(password="wrong")
    with pytest.raises(AirflowFailException, match="AuthenticationError: "):
        delete("4711", ignore_if_missing=True).execute({})


@pytest.mark.parametrize("media_id", [None, "", "47/11", "me"], ids=str)
def test_what_is_no_media_id_fails_before_any_call(error_of, media_id):
    """An error about an invalid id names the field, and no call is made."""
    assert "media_id: must be an id of digits" in error_of(
        delete(media_id, ignore_if_missing=True)
    )


def test_a_uri_that_nothing_opens_is_named(sandbox, calls):
    """A scheme that Airflow's object storage does not know fails the task without retries, before any call."""
    with pytest.raises(
        AirflowFailException,
        match="file: must be a URI that Airflow's object storage can open on this worker .got ftpx://: ",
    ):
        UploadMediaOperator(task_id="upload", file="ftpx://bucket/a.pdf").execute({})
    assert calls() == []


def test_a_path_that_no_file_can_have(sandbox, monkeypatch):
    """A path that the system does not let us read fails the task at once, and is shown short."""

    def is_file(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.is_file", is_file)
    with pytest.raises(
        AirflowFailException,
        match=r"file: must be a file on this worker \(got /aaa.*…, which cannot be opened: PermissionError\)",
    ) as caught:
        upload("/" + "a" * 5000)
    assert len(str(caught.value)) < 600

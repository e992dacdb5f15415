import hashlib

import pytest
import requests
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_whatsapp.exceptions import OutcomeUnknownError
from airflow_provider_whatsapp.operators.media import UploadMediaOperator


def upload(file, **arguments):
    return UploadMediaOperator(task_id="upload", file=file, **arguments).execute({})


@pytest.fixture
def pdf(tmp_path):
    """A small document."""
    file = tmp_path / "invoice.pdf"
    file.write_bytes(b"%PDF-1.4 one page")
    return file


def uploads(sandbox):
    return requests.get(f"{sandbox.url}/sandbox/media", timeout=5).json()


@pytest.mark.parametrize("spelling", ["{}", "file://{}"], ids=["path", "URI of object storage"])
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
        ("empty.pdf", 0, "is empty"),
        ("large.png", 5 * 1024 * 1024 + 1, "has 5,242,881 bytes; an image must have 1 to 5,242,880 bytes"),
        ("program.exe", 10, "does not take the type"),
    ],
)
def test_a_file_that_whatsapp_does_not_take_is_never_sent(sandbox, tmp_path, name, size, named):
    """A missing, empty, too large or unknown file fails the task for good, and no call is made."""
    file = tmp_path / name
    if size is not None:
        with file.open("wb") as content:
            content.truncate(size)
    with pytest.raises(AirflowFailException, match=named):
        upload(file)
    assert requests.get(f"{sandbox.url}/sandbox/requests", timeout=5).json() == []


def test_a_folder_is_not_a_file(sandbox, tmp_path):
    """A folder is refused as one."""
    with pytest.raises(AirflowFailException, match="is a folder"):
        upload(tmp_path)


def test_a_lost_answer_may_be_tried_again_by_the_task(sandbox, pdf):
    """An upload whose answer was lost is not repeated by the client, but Airflow's retries may do so."""
    fault = {"path": "/media$", "behaviour": "drop_after"}
    requests.post(f"{sandbox.url}/sandbox/faults", json=fault, timeout=5).raise_for_status()
    with pytest.raises(OutcomeUnknownError, match="repeating it does no harm"):
        upload(pdf)
    assert len(uploads(sandbox)) == 1


@pytest.mark.parametrize("file", [None, "", 5], ids=str)
def test_no_file_is_named_as_such(sandbox, file):
    """What an upstream task failed to return is told as such, and not tried again."""
    with pytest.raises(AirflowFailException, match="file: must be a path or a URI"):
        upload(file)

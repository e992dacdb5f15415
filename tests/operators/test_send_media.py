import hashlib
import logging

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_whatsapp.exceptions import OutcomeUnknownError
from airflow_provider_whatsapp.operators.media import UploadMediaOperator
from airflow_provider_whatsapp.operators.messages import SendMediaOperator
from tests.builders import sent_message

NUMBER = "+1 (650) 555-1234"
SECRET = "what only Robert may read"


def media(**arguments):
    return SendMediaOperator(task_id="send", **{"to": NUMBER, **arguments})


@pytest.fixture
def a_file(tmp_path):
    """Return a function that writes a small file of this name and returns its path."""

    def write(name):
        file = tmp_path / name
        file.write_bytes(b"content of " + name.encode())
        return file

    return write


def uploads(sandbox):
    return sandbox.media()


@pytest.fixture
def uploaded(sandbox, a_file):
    """Return a function that uploads a small file of this name and returns its media id."""

    def upload(name):
        result = UploadMediaOperator(task_id="upload", file=a_file(name)).execute({})
        sandbox.state.requests.reset()
        return result["media_id"]

    return upload


@pytest.mark.parametrize(
    "spelling", ["{}", "file://{}"], ids=["path", "URI of object storage"]
)
def test_a_file_is_uploaded_and_sent(sandbox, sent, calls, a_file, spelling):
    """A local path and a URI of object storage both arrive complete, shown under their own name."""
    file = a_file("invoice.pdf")
    result, body = sent(media(file=spelling.format(file), caption="Your invoice"))
    (upload,) = uploads(sandbox)
    assert upload["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    content = {"id": upload["id"], "filename": "invoice.pdf", "caption": "Your invoice"}
    assert body == sent_message("document", content)
    assert result == {
        "message_id": result["message_id"],
        "wa_id": "16505551234",
        "message_status": None,
        "media_id": upload["id"],
    }
    assert calls() == ["POST …/media", "POST …/messages"]


FILES = {
    "photo.jpg": "image",
    "sticker.webp": "sticker",
    "clip.mp4": "video",
    "voice.ogg": "audio",
    "report.pdf": "document",
}


@pytest.mark.parametrize(("name", "kind"), FILES.items(), ids=FILES.values())
def test_the_kind_follows_from_the_files_type(sent, a_file, name, kind):
    """A file is sent as what it is; only a document has a name."""
    result, body = sent(media(file=a_file(name)))
    shown = {"filename": name} if kind == "document" else {}
    assert (body["type"], body[kind]) == (kind, {"id": result["media_id"], **shown})


@pytest.mark.parametrize(("name", "kind"), FILES.items(), ids=FILES.values())
def test_the_kind_follows_from_the_upload(sent, calls, uploaded, name, kind):
    """The API knows the type of a media id, but not the file's name."""
    media_id = uploaded(name)
    result, body = sent(media(media_id=media_id))
    assert (body["type"], body[kind], result["media_id"]) == (
        kind,
        {"id": media_id},
        media_id,
    )
    assert calls() == [f"GET …/{media_id}", "POST …/messages"]


@pytest.mark.parametrize(("name", "kind"), FILES.items(), ids=FILES.values())
def test_the_kind_follows_from_the_ending_of_a_link(sent, calls, name, kind):
    """The extension of a link's path decides the kind, also if a query follows; there is no media id to return."""
    link = f"https://example.com/files.v2/{name.upper()}?size=1.5#top"
    result, body = sent(media(link=link))
    assert (body["type"], body[kind], result["media_id"]) == (kind, {"link": link}, None)
    assert calls() == ["POST …/messages"]


def test_a_given_kind_saves_a_call(sent, calls, uploaded):
    """With media_type the client makes no extra call, and an id that became an int is the same id."""
    media_id = uploaded("photo.png")
    result, body = sent(media(media_id=int(media_id), media_type="image"))
    assert (body["image"], result["media_id"]) == ({"id": media_id}, media_id)
    assert calls() == ["POST …/messages"]


def test_a_link_without_ending_takes_the_given_kind(sent):
    """With media_type the ending of a link does not matter."""
    _, body = sent(
        media(
            link="https://example.com/render?id=5", media_type="image", caption="The chart"
        )
    )
    assert body["image"] == {
        "link": "https://example.com/render?id=5",
        "caption": "The chart",
    }


def test_a_picture_can_be_sent_as_a_document(sent, a_file):
    """Any file can be sent as a document, under its own or another name."""
    _, body = sent(
        media(file=a_file("chart.png"), media_type="document", filename="sales.png")
    )
    assert body["type"] == "document"
    assert body["document"]["filename"] == "sales.png"


def test_a_file_without_ending_takes_the_given_type(sandbox, sent, a_file):
    """With mime_type the name of a file does not matter."""
    _, body = sent(media(file=a_file("export"), mime_type="text/plain"))
    assert body["document"]["filename"] == "export"
    assert uploads(sandbox)[0]["mime_type"] == "text/plain"


def test_a_voice_message(sent, a_file):
    """An audio can be marked as a voice message."""
    result, body = sent(
        media(file=a_file("voice.ogg"), mime_type="audio/ogg; codecs=opus", voice=True)
    )
    assert body["audio"] == {"id": result["media_id"], "voice": True}


LINK = "https://example.com/photo.jpg"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "media_id, link, file: must have exactly one of them set (got none)"),
        (
            {"link": LINK, "media_id": "1"},
            "media_id, link, file: must have exactly one of them set (got media_id and link)",
        ),
        (
            {"link": LINK, "file": "a.pdf"},
            "(got link and file). Check the tasks and XComs that they come from",
        ),
        (
            {"link": "https://example.com/photo"},
            "link: must end in the suffix of a media type (got str, 25 characters). Pass media_type",
        ),
        (
            {"link": "https://[example.com/photo.jpg"},
            "link: must end in the suffix of a media type",
        ),
        ({"link": "", "media_type": "image"}, "link: must be a public http(s) URL"),
        ({"link": "s3://bucket/photo.jpg"}, "link: must be a public http(s) URL"),
        (
            {"link": LINK, "media_type": "picture"},
            "media_type: must be one of audio, document, image, sticker, video",
        ),
        (
            {"link": LINK, "caption": SECRET * 50},
            "caption: must be at most 1024 characters",
        ),
        ({"link": LINK, "filename": SECRET}, "filename: must be a known field"),
        ({"link": LINK, "voice": True}, "voice: must be a known field"),
        (
            {"link": "https://example.com/a.webp", "caption": SECRET},
            "caption: must be a known field",
        ),
        (
            {"link": "https://example.com/a.mp3", "caption": SECRET},
            "caption: must be a known field",
        ),
        (
            {"media_id": "1/2", "media_type": "image"},
            "media_id: must be a media id of digits",
        ),
        ({"media_id": "1/2"}, "media_id: "),
        ({"media_id": "", "media_type": "image"}, "media_id: must be a media id of digits"),
        ({"link": LINK, "to": "call me"}, "to: must not have letters"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_wrong_argument_fails_before_any_call(error_of, arguments, named):
    """An error about an argument shows neither number nor text, and no call is made."""
    error = error_of(media(**arguments))
    assert named in error
    assert SECRET not in error
    assert "5551234" not in error


@pytest.mark.parametrize(
    ("name", "arguments", "named"),
    [
        ("photo.jpg", {"caption": "x" * 1025}, "caption: must be at most 1024 characters"),
        ("voice.ogg", {"caption": SECRET}, "caption: must be a known field"),
        ("photo.jpg", {"voice": True}, "voice: must be a known field"),
        ("photo.jpg", {"filename": "a.jpg"}, "filename: must be a known field"),
        (
            "photo.jpg",
            {"media_type": "video"},
            "media_type: must be one of document, image for this file",
        ),
        (
            "a.pdf",
            {"media_type": "image"},
            "media_type: must be one of document for this file (got str, 5 characters). Choose one",
        ),
        ("photo.jpg", {"to": "call me"}, "to: must not have letters"),
        (
            "photo.jpg",
            {"reply_to_message_id": "not one"},
            "reply_to_message_id: must be a message id, which begins with wamid.",
        ),
        (
            "photo.jpg",
            {"biz_opaque_callback_data": "x" * 513},
            "biz_opaque_callback_data: ",
        ),
        ("tool.exe", {}, "file: must be of a type that WhatsApp takes"),
        (
            "photo.jpg",
            {"mime_type": "image/bmp"},
            "file: must be of a type that WhatsApp takes (got 'image/bmp'",
        ),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_is_wrong_beside_the_file_is_found_before_the_upload(
    error_of, a_file, name, arguments, named
):
    """A message that could not be sent is not paid for with an upload."""
    error = error_of(media(file=a_file(name), **arguments))
    assert named in error
    assert SECRET not in error


def test_an_invalid_number_is_found_before_the_upload(sandbox, connect, error_of, a_file):
    """With check_numbers="fail" no file is uploaded for a message that is then not sent."""
    connect(extra={"check_numbers": "fail"})
    assert "to: must be a valid phone number" in error_of(
        media(file=a_file("photo.jpg"), to="650 555 1234")
    )


def test_an_invalid_number_gives_one_warning(sandbox, a_file, caplog):
    """A file goes out to a number that libphonenumber calls invalid, with one warning for the message."""
    assert (
        media(file=a_file("photo.jpg"), to="650 555 1234").execute({})["wa_id"]
        == "6505551234"
    )
    assert caplog.text.count("is read as country code 65") == 1


def test_a_file_that_is_missing_is_named(error_of, tmp_path):
    """A file that the worker does not see fails the task without retries."""
    assert "file: " in error_of(media(file=tmp_path / "missing.pdf"))


def test_an_unknown_media_id_fails_the_task_without_retries(sandbox, calls):
    """The call for the type of an expired upload fails; nothing is sent."""
    with pytest.raises(AirflowFailException, match="NotFoundError: "):
        media(media_id="4711").execute({})
    assert calls() == ["GET …/4711"]


def test_a_lost_response_to_the_upload_may_be_tried_again(sandbox, calls, a_file):
    """Before the message has left, Airflow's retries do no harm."""
    sandbox.fault(path="/media$", behaviour="drop_after")
    with pytest.raises(OutcomeUnknownError, match="another attempt is harmless"):
        media(file=a_file("photo.jpg")).execute({})
    assert calls() == ["POST …/media"]


def test_a_lost_response_to_the_message_is_never_sent_again(sandbox, calls, a_file):
    """Once the message may have left, the task fails without retries."""
    sandbox.fault(path="/messages$", behaviour="drop_after")
    with pytest.raises(AirflowFailException, match="OutcomeUnknownError: "):
        media(file=a_file("photo.jpg")).execute({})
    assert calls() == ["POST …/media", "POST …/messages"]


def test_the_log_names_the_upload_but_no_caption(sandbox, a_file, caplog, capfd):
    """File, type, size and media id are logged; caption and number are not, down to the debug level."""
    with caplog.at_level(logging.DEBUG):
        result = media(file=a_file("photo.jpg"), caption=SECRET).execute({})
    log = caplog.text + "".join(capfd.readouterr())
    assert f"a file of type image/jpeg (20 bytes) as media {result['media_id']}" in log
    assert SECRET not in log
    assert "5551234" not in log

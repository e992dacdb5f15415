from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp import __version__
from airflow_provider_whatsapp.client.http.calls import Call, build_request
from airflow_provider_whatsapp.client.http.multipart import MultipartStream
from airflow_provider_whatsapp.exceptions import InvalidRequestError
from airflow_provider_whatsapp.models.ids import graph_id
from airflow_provider_whatsapp.models.json_values import encode_json
from airflow_provider_whatsapp.models.media import MediaFile


@pytest.mark.parametrize(
    "base_url", ["https://api.maton.ai", "https://api.maton.ai/"], ids=["bare", "slash"]
)
def test_gateway_address(config, base_url):
    """A call to the Cloud API goes through the gateway's app name and the version."""
    request = build_request(
        Call(method="GET", path="1/media"), config(base_url=base_url, api_version="v21.0")
    )
    assert request.url == "https://api.maton.ai/whatsapp-business/v21.0/1/media"
    assert (request.method, request.body) == ("GET", None)


def test_control_address(config):
    """A call to the control plane carries neither app name, version nor connection."""
    settings = config(control_url="https://ctrl.example/", connection_id="abc")
    request = build_request(Call(method="GET", path="connections", control=True), settings)
    assert request.url == "https://ctrl.example/connections"
    assert "Maton-Connection" not in request.headers


def test_headers(config, key):
    """The request says who we are, what we read and which connection is meant, but not the key."""
    request = build_request(Call(method="GET", path="1"), config(connection_id="abc-1"))
    assert request.headers == {
        "Accept": "application/json",
        "User-Agent": f"airflow-provider-whatsapp/{__version__}",
        "Maton-Connection": "abc-1",
    }
    assert key not in repr(request)


def test_json_body(config):
    """A JSON body is compact, sorted, and ASCII, so that half a surrogate pair breaks no request."""
    request = build_request(
        Call(method="POST", path="1", json=encode_json({"text": "ü\ud83c", "n": [1]})),
        config(),
    )
    assert request.body == rb'{"n":[1],"text":"\u00fc\ud83c"}'
    assert request.headers["Content-Type"] == "application/json"


def test_file_body(config):
    """A file travels as its stream, under the form's content type."""
    file = MediaFile(name="a.png", mime_type="image/png", size=1)
    stream = MultipartStream(fields={}, file=file, content=io.BytesIO(b"x"))
    request = build_request(Call(method="POST", path="1/media", stream=stream), config())
    assert request.body is stream
    assert request.headers["Content-Type"] == stream.content_type


def test_absent_parameters_are_left_out(config):
    """A query parameter that is None is left out; 0 and empty text are sent."""
    call = Call(method="GET", path="1", params={"after": None, "limit": 0, "name": ""})
    assert build_request(call, config()).params == {"limit": 0, "name": ""}


def test_repr_of_call_hides_its_body(phone):
    """A call in a log shows no recipient."""
    assert phone not in repr(Call(method="POST", path="1", json=encode_json({"to": phone})))


@pytest.mark.parametrize("value", ["106540352242922", 106540352242922], ids=["text", "int"])
def test_graph_id(value):
    """An id is taken as text, or as the int that native rendering makes of it."""
    assert graph_id(value, "media_id") == "106540352242922"


@given(st.text() | st.text("0123456789/.?#%\\\n", max_size=70))
def test_graph_id_is_digits_or_rejected(value):
    """For any text, the id has only ASCII digits, or is rejected."""
    try:
        found = graph_id(value, "media_id")
    except InvalidRequestError:
        assert not (value.isascii() and value.isdecimal() and len(value) <= 64)
    else:
        assert found == value
        assert set(found) <= set("0123456789")


@pytest.mark.parametrize(
    "value", [None, True, -5, 1.0, b"1", ["1"], "1" * 65, "1\n", "٣", "\uff11"], ids=ascii
)
def test_graph_id_rejects(value):
    """An invalid id is an error that names the argument."""
    with pytest.raises(InvalidRequestError, match=r"^media_id: must be an id of digits"):
        graph_id(value, "media_id")


def test_rejected_id_is_not_shown():
    """The error does not quote the invalid value, which may be a phone number."""
    with pytest.raises(InvalidRequestError) as caught:
        graph_id("+16505551234", "phone_number_id")
    assert "5551234" not in str(caught.value)


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8")),
        st.integers() | st.text(st.characters(codec="utf-8")),
    )
)
def test_json_body_round_trips(config, body):
    """Any JSON object arrives as it was meant."""
    request = build_request(Call(method="POST", path="1", json=encode_json(body)), config())
    assert json.loads(request.body) == body


def inside_itself():
    made = {}
    made["again"] = made
    return made


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 10**5000, object(), b"x", {1, 2}, inside_itself()],
    ids=["nan", "inf", "huge", "object", "bytes", "set", "recursive"],
)
def test_bodies_that_json_cannot_hold(config, value):
    """A body that was changed after validation so that JSON cannot hold it fails before it is sent."""
    with pytest.raises(
        InvalidRequestError, match="body: must be data that JSON can hold"
    ) as caught:
        build_request(
            Call(method="POST", path="1", json=encode_json({"a": value})), config()
        )
    assert caught.value.__context__ is None


def test_ids_that_python_cannot_write():
    """A number of thousands of digits is an invalid id, without an error of Python's."""
    with pytest.raises(
        InvalidRequestError, match="phone_number_id: must be an id of digits"
    ):
        graph_id(10**5000, "phone_number_id")

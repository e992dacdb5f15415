from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_whatsapp.client.resources import download
from airflow_provider_whatsapp.client.resources.download import (
    META_DOMAINS,
    FileVerifier,
    file_request,
    is_meta_host,
    is_same_digest,
    raise_for_response,
)
from airflow_provider_whatsapp.exceptions import (
    AuthenticationError,
    InvalidRequestError,
    MediaError,
    RateLimitedError,
    TransientError,
)
from airflow_provider_whatsapp.models.media import Media

META_URL = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=SECRET"
LABEL = st.from_regex(r"[a-z0-9-]{1,10}", fullmatch=True)
HOSTS = st.one_of(
    st.builds("{}.{}".format, LABEL, st.sampled_from(META_DOMAINS)),
    st.builds("{}{}".format, LABEL, st.sampled_from(META_DOMAINS)),
    st.builds("{}.{}".format, st.sampled_from(META_DOMAINS), LABEL),
    st.sampled_from(META_DOMAINS),
)
DIGESTS = st.binary(min_size=32, max_size=32)


@pytest.mark.parametrize(
    "url",
    [
        META_URL,
        "https://LOOKASIDE.fbsbx.com:443/x",
        "https://scontent-ams2-1.xx.fbcdn.net/v/1.jpg",
        "https://graph.facebook.com/x",
        "https://mmg.whatsapp.net/x?a=%20#b",
    ],
)
def test_meta_hosts(config, url):
    """Meta's own hosts are asked without the key, without the Maton connection, and for the plain bytes."""
    source = file_request(url, config(connection_id="abc"))
    assert not source.is_gateway
    assert (source.request.url, source.request.method) == (url, "GET")
    assert source.request.headers["Accept-Encoding"] == "identity"
    assert "Maton-Connection" not in source.request.headers


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://gateway.maton.ai", "https://gateway.maton.ai/media/1?hash=a"),
        ("https://gateway.maton.ai/", "https://gateway.maton.ai:443/1"),
        ("https://Proxy.example:8443/maton", "https://proxy.example:8443/elsewhere"),
        ("http://127.0.0.1:8025", "http://127.0.0.1:8025/1"),
        ("http://[::1]:8025", "http://[::1]:8025/1"),
    ],
    ids=["usual", "port as usual", "port and path", "loopback", "loopback v6"],
)
def test_gateway(config, base_url, url):
    """The gateway's own origin is asked with the key, through the account's Maton connection."""
    source = file_request(url, config(base_url=base_url, connection_id="abc"))
    assert source.is_gateway
    assert source.request.headers["Maton-Connection"] == "abc"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "lookaside.fbsbx.com/x",
        "http://lookaside.fbsbx.com/x",
        "ftp://lookaside.fbsbx.com/x",
        "https://lookaside.fbsbx.com:8443/x",
        "https://lookaside.fbsbx.com:/x",
        "https://lookaside.fbsbx.com./x",
        "https://lookaside.fbsbx.com.evil.example/x",
        "https://evilfbsbx.com/x",
        "https://fbsbx.com/x",
        "https://evil.example/lookaside.fbsbx.com",
        "https://evil.example?.fbsbx.com",
        "https://evil.example#.fbsbx.com",
        "https://evil.example\\.fbsbx.com/x",
        "https://me@lookaside.fbsbx.com/x",
        "https://lookaside.fbsbx.com@evil.example/x",
        "https://evil.example\\@lookaside.fbsbx.com/x",
        "https://evil.example%2f.fbsbx.com/x",
        "https://evil.example .fbsbx.com/x",
        "https://evil.example\n.fbsbx.com/x",
        "https://[lookaside.fbsbx.com]/x",
        "https://[::1].fbsbx.com/x",
        "https://[.fbsbx.com",
        "https://\u217cookaside.fbsbx.com/x",
        "http://gateway.maton.ai/x",
        "https://gateway.maton.ai:8443/x",
        "https://gateway.maton.ai.evil.example/x",
        "https://api.gateway.maton.ai/x",
        "file:///etc/passwd",
    ],
    ids=ascii,
)
def test_other_addresses(config, url):
    """Any other address is rejected, without being named."""
    with pytest.raises(
        InvalidRequestError,
        match=r"^url: .*must lead to one of Meta's media hosts .*or to the gateway",
    ) as caught:
        file_request(url, config())
    assert not url or url not in str(caught.value)
    assert caught.value.__context__ is None


@given(HOSTS | st.text(max_size=30))
def test_host_rule(host):
    """A host is Meta's exactly if its labels end with those of one of the domains, with one more before them."""
    labels = host.split(".")
    below = any(
        labels[-2:] == domain.split(".") and len(labels) > 2 for domain in META_DOMAINS
    )
    plain = all(re.fullmatch("[a-z0-9-]+", label) for label in labels)
    assert is_meta_host(host) == (below and plain)


@given(
    st.text("ab.fsxcom:@/\\?#[]%0 \n", max_size=25) | HOSTS,
    st.text("/:@\\?#[]. \t%", max_size=4),
)
def test_what_is_fetched_is_meta_s(config, host, junk):
    """An address that is let through leads to the host that it shows, with any text around the host."""
    url = f"https://{host}{junk}"
    try:
        source = file_request(url, config())
    except InvalidRequestError:
        return
    parts = urlsplit(source.request.url)
    assert is_meta_host(parts.hostname)
    assert (parts.username, parts.password, parts.port in (None, 443)) == (None, None, True)


@given(DIGESTS, st.booleans())
def test_digest_is_read_in_either_notation(digest, padded):
    """A SHA-256 is recognised in hex digits of either case, and in Base64 of either alphabet."""
    plain, safe = (
        base64.b64encode(digest).decode(),
        base64.urlsafe_b64encode(digest).decode(),
    )
    for stated in (
        digest.hex(),
        digest.hex().upper(),
        *(text if padded else text.rstrip("=") for text in (plain, safe)),
    ):
        assert is_same_digest(stated, digest)


@given(DIGESTS, DIGESTS, st.text())
def test_another_digest_is_told(digest, other, text):
    """A wrong or invalid digest never counts as the right one."""
    for stated in (other.hex(), base64.b64encode(other).decode()):
        assert is_same_digest(stated, digest) == (digest == other)
    assert not is_same_digest(text, digest) or len(text) in (43, 44, 64)


def received(*pieces, **announced):
    """Receive pieces of a file that was announced like this."""
    kept = []
    receiver = FileVerifier(Media(id="1", **announced), kept.append)
    for piece in pieces:
        receiver.write(piece)
    receiver.verify()
    return b"".join(kept)


@pytest.mark.parametrize(
    "announced",
    [{}, {"file_size": 6}, {"sha256": hashlib.sha256(b"abcdef").hexdigest()}],
    ids=["nothing", "size", "digest"],
)
def test_right_file(announced):
    """A file that is what was announced is kept whole; what was not announced is not compared."""
    assert received(b"abc", b"def", **announced) == b"abcdef"


@pytest.mark.parametrize(
    ("announced", "problem"),
    [
        ({"file_size": 5}, "longer than the 5 bytes"),
        ({"file_size": 7}, "has 6 bytes instead of the 7"),
        ({"file_size": 6, "sha256": "00" * 32}, "does not have the SHA-256"),
    ],
    ids=["longer", "shorter", "other"],
)
def test_wrong_file(announced, problem):
    """A file that is not what was announced is rejected, and may be fetched again."""
    with pytest.raises(MediaError, match=problem) as caught:
        received(b"abc", b"def", **announced)
    assert not caught.value.permanent


def test_endless_file(monkeypatch):
    """A file larger than any that WhatsApp takes is cut off before the piece that is too much is written."""
    monkeypatch.setattr(download, "MAX_FILE_BYTES", 4)
    kept = []
    receiver = FileVerifier(Media(id="1", file_size=100), kept.append)
    receiver.write(b"abc")
    with pytest.raises(MediaError, match="larger than the 4 bytes") as caught:
        receiver.write(b"de")
    assert (kept, caught.value.permanent) == ([b"abc"], True)


@pytest.mark.parametrize(
    ("status", "kind", "permanent", "remedy"),
    [
        (401, MediaError, True, "Meta's own token, which Maton keeps; not verified"),
        (403, MediaError, True, "Meta's own token, which Maton keeps; not verified"),
        (404, MediaError, True, "Meta's own token, which Maton keeps; not verified"),
        (302, MediaError, True, "Redirects are not followed"),
        (429, RateLimitedError, False, "Try again"),
        (503, TransientError, False, "Try again"),
    ],
)
def test_rejection_of_meta_s_host(config, response, read, status, kind, permanent, remedy):
    """A rejection of the media host says what is known about it, and nothing of what the host wrote."""
    source = file_request(META_URL, config())
    with pytest.raises(kind, match=remedy) as caught:
        raise_for_response(
            response(status, b"<html>SECRET</html>"), source, read, secrets=()
        )
    assert (caught.value.status, caught.value.permanent) == (status, permanent)
    assert "SECRET" not in str(caught.value)


def test_rejection_of_the_gateway(config, response, read):
    """A rejection of the gateway is read as that of any other call."""
    source = file_request("https://gateway.maton.ai/1", config())
    with pytest.raises(AuthenticationError, match=r"maton\.ai/settings"):
        raise_for_response(response(401, "maton_unauthorized"), source, read, secrets=())

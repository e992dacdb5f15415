"""
Takes keys, tokens, message ids and phone numbers out of texts that a server wrote.

The short forms that this package's own log lines have are in ``models/ids.py``.
"""

from __future__ import annotations

import re

from pydantic import SecretStr

# What people, and programs that format, put between the digits of a phone number. A comma before a space separates
# two numbers of a list.
_SEPARATOR = r"(?:[\s()./*_\u2010-\u2015\u2212-]|,(?!\s))"
_DIGIT_RUN = re.compile(rf"\+?\d(?:{_SEPARATOR}{{0,3}}\d){{6,}}")
# A limit such as 2592000 (seconds) or 104,857,600 (bytes), or a date.
_NOT_A_PHONE_NUMBER = re.compile(r"\d{7,9}|\d{1,3}(,\d{3}){2}|\d{4}-\d{2}-\d{2}")
# A message id spells the recipient's number in Base64.
_MESSAGE_ID = re.compile(r"wamid(?:\.|%2E)[\w+/=%-]+|\bHBg[LMN][\w+/=-]{8,}", re.IGNORECASE)
_TOKEN_RUN = re.compile(r"[A-Za-z0-9_\-.]{32,}")
# Of words as long as people write them. A longer one may be a token after a prefix.
_TEMPLATE_NAME = re.compile(r"[a-z0-9]{1,20}(_[a-z0-9]{1,20})+\.?")


def redact(text: str, secrets: tuple[SecretStr, ...] = (), recipient: str = "") -> str:
    """
    Return ``text`` without secrets, long tokens, message ids, and the middles of phone numbers and ids.

    :param recipient: digits of the number that the call was about; it is found in every spelling.
    """
    text = _MESSAGE_ID.sub("wamid.•••", without_secrets(text, secrets))
    text = _TOKEN_RUN.sub(
        lambda run: run[0] if _TEMPLATE_NAME.fullmatch(run[0]) else "•••", text
    )
    if recipient:
        text = re.sub(r"[\W_]{0,3}".join(recipient), _hide_middle, text)
    return _DIGIT_RUN.sub(
        lambda run: run[0] if _NOT_A_PHONE_NUMBER.fullmatch(run[0]) else _hide_middle(run),
        text,
    )


def without_secrets(text: str, secrets: tuple[SecretStr, ...]) -> str:
    """Return ``text`` without the secrets and in characters that a log can write."""
    for secret in secrets:
        text = text.replace(secret.get_secret_value(), "•••")
    # JSON can contain half a surrogate pair.
    return text.encode(errors="replace").decode()


def _hide_middle(run: re.Match[str]) -> str:
    return f"{run[0][:3]}•••{run[0][-2:]}"

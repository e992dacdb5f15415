"""
How components look when they are read back, which is not how they were sent.

https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates/components
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_OTP_URL = "https://www.whatsapp.com/otp/code/?otp_type={otp_type}&code=otp"


def read_back(components: Sequence[Mapping[str, Any]], *, category: str, template_id: str) -> list[dict[str, Any]]:
    """Return components as the Cloud API shows them."""
    shown = [_component(component, template_id) for component in components]
    return [_authentication(component) for component in shown] if category == "AUTHENTICATION" else shown


def _component(component: Mapping[str, Any], template_id: str) -> dict[str, Any]:
    shown = {**component, "type": component["type"].upper()}
    if "format" in shown:
        shown["format"] = shown["format"].upper()
    if "header_handle" in (shown.get("example") or {}):
        # A handle can't be used twice; reviewers' samples are shown from the content network.
        link = f"https://scontent.whatsapp.net/v/t61.29466-34/{template_id}_n.bin?ccb=1-7&oe=SANDBOX"
        shown["example"] = {**shown["example"], "header_handle": [link]}
    if "buttons" in shown:
        shown["buttons"] = [_button(button) for button in shown["buttons"]]
    if "cards" in shown:
        shown["cards"] = [_card(card, template_id) for card in shown["cards"]]
    return shown


def _card(card: Mapping[str, Any], template_id: str) -> dict[str, Any]:
    return {**card, "components": [_component(component, template_id) for component in card["components"]]}


def _button(button: Mapping[str, Any]) -> dict[str, Any]:
    shown = {**button, "type": button["type"].upper()}
    if isinstance(shown.get("example"), str):
        shown["example"] = [shown["example"]]
    return shown


def _authentication(component: dict[str, Any]) -> dict[str, Any]:
    """Write out the fixed texts that Meta puts into authentication templates."""
    if component["type"] == "BODY":
        text = "*{{1}}* is your verification code."
        if component.get("add_security_recommendation"):
            text += " For your security, do not share this code."
        return {**component, "text": text, "example": {"body_text": [["123456"]]}}
    if component["type"] == "FOOTER" and "code_expiration_minutes" in component:
        return {**component, "text": f"This code expires in {component['code_expiration_minutes']} minutes."}
    if component["type"] == "BUTTONS":
        return {**component, "buttons": [_otp_button(button) for button in component["buttons"]]}
    return component


def _otp_button(button: dict[str, Any]) -> dict[str, Any]:
    if button["type"] != "OTP":
        return button
    url = _OTP_URL.format(otp_type=str(button.get("otp_type", "COPY_CODE")).upper())
    text = button.get("text") or "Copy code"
    return {"type": "URL", "text": text, "url": f"{url}{{{{1}}}}", "example": [f"{url}123456"]}

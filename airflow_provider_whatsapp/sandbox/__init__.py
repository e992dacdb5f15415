"""
A local stand-in for the Maton gateway and the WhatsApp Business Cloud API.

``python -m airflow_provider_whatsapp.sandbox`` serves it. :func:`running_sandbox` runs it within a
test. Both need the extra ``sandbox``, which is imported when one of these names is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_whatsapp.sandbox.app import create_app
    from airflow_provider_whatsapp.sandbox.server import RunningSandbox, running_sandbox
    from airflow_provider_whatsapp.sandbox.settings import SandboxSettings

__all__ = ["RunningSandbox", "SandboxSettings", "create_app", "running_sandbox"]

_MODULES = {
    "RunningSandbox": "server",
    "SandboxSettings": "settings",
    "create_app": "app",
    "running_sandbox": "server",
}


def __getattr__(name: str) -> Any:
    # FastAPI and uvicorn come with an extra. Without it, this package must still be importable,
    # because ``python -m`` imports it before it can say what is missing.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

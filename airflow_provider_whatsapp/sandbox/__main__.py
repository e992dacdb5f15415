"""``python -m airflow_provider_whatsapp.sandbox``: serve a sandbox until Ctrl-C."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from contextlib import suppress

from airflow_provider_whatsapp.exceptions import ConfigurationError
from airflow_provider_whatsapp.sandbox.settings import (
    API_KEY,
    BUSINESS_ACCOUNT_ID,
    CONNECTION_ID,
    PHONE_NUMBER_ID,
    SandboxSettings,
    airflow_connection,
)

_INSTALL = "the sandbox needs its extra: pip install 'airflow-provider-whatsapp[sandbox]'"
_MODULES = ("fastapi", "uvicorn", "python_multipart")
_EPILOG = f"""\
Credentials (fixed; they open nothing but a sandbox):
  API key              {API_KEY}
  Maton connection     {CONNECTION_ID}
  business account id  {BUSINESS_ACCOUNT_ID}
  phone number id      {PHONE_NUMBER_ID}

Airflow connection of type maton: host and extra control_url are the address that is printed,
password is the API key, the ids go into extra maton_connection_id, business_account_id and
phone_number_id.

Templates are PENDING, then APPROVED, or REJECTED if their name has 'reject' in it.
Messages are SENT, then DELIVERED, then READ. Special recipients, in which 131026 stands for any code of
docs/sandbox.md:
  +1 555 0131026       refused at once with this code
  +1 555 9131026       accepted, FAILED with this code later on

Instructions, without a key:
  GET    /sandbox/messages, /sandbox/read_messages, /sandbox/templates, /sandbox/media, /sandbox/requests,
         /sandbox/faults
  POST   /sandbox/messages/{{id}}/decision     {{"status": "FAILED", "code": 131026}}
  POST   /sandbox/templates/{{id}}/decision    {{"status": "PAUSED"}}
  POST   /sandbox/connections/{{id}}/decision  {{"status": "ACTIVE"}}
  POST   /sandbox/faults                     {{"path": "/messages", "status": 503, "body": "busy", "times": 2}}
                                             {{"path": "/messages", "behaviour": "drop_after"}}
  DELETE /sandbox/faults
  POST   /sandbox/reset
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal comes; return the exit code."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        settings = SandboxSettings(**vars(chosen))
    except ConfigurationError as error:
        parser.error(str(error))
    missing = [module for module in _MODULES if importlib.util.find_spec(module) is None]
    if missing:
        parser.exit(1, f"{_INSTALL} (missing: {', '.join(missing)})\n")
    _serve(parser, settings)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m airflow_provider_whatsapp.sandbox",
        description="Serve a local stand-in for the Maton gateway and the WhatsApp Business Cloud API.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = SandboxSettings()
    parser.add_argument("--host", default=default.host, help="loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=default.port, help="0: any free one (default: %(default)s)")
    parser.add_argument("--api-key", default=default.api_key, help="key that is accepted (default: %(default)s)")
    parser.add_argument(
        "--approve-after",
        type=float,
        default=default.approve_after,
        metavar="SECONDS",
        help="how long a template is PENDING (default: %(default)s)",
    )
    parser.add_argument(
        "--delivered-after",
        type=float,
        default=default.delivered_after,
        metavar="SECONDS",
        help="when a message is DELIVERED or FAILED (default: %(default)s)",
    )
    parser.add_argument(
        "--read-after",
        type=float,
        default=default.read_after,
        metavar="SECONDS",
        help="when a message is READ (default: %(default)s)",
    )
    parser.add_argument(
        "--requests-per-second",
        type=int,
        default=default.requests_per_second,
        metavar="N",
        help="more than that are answered with 429 (default: %(default)s)",
    )
    return parser


def _serve(parser: argparse.ArgumentParser, settings: SandboxSettings) -> None:
    # Only here, so that --help and a missing extra need none of it.
    from airflow_provider_whatsapp.sandbox import server
    from airflow_provider_whatsapp.sandbox.app import create_app

    try:
        listening = server.listening_socket(settings)
    except OSError as error:
        parser.error(f"cannot listen on {settings.host} port {settings.port} ({error}); --port 0 takes a free one")
    # A key of the user's own choice may be one that opens more than a sandbox.
    key = API_KEY if settings.api_key == API_KEY else "as given"
    with listening, suppress(KeyboardInterrupt):
        # The socket takes callers already; they are served as soon as the server runs.
        sys.stdout.write(
            f"WhatsApp sandbox at {server.url_of(listening)} (API key {key}, Maton connection "
            f"{CONNECTION_ID}, business account id {BUSINESS_ACCOUNT_ID}, phone number id {PHONE_NUMBER_ID})\n"
        )
        if settings.api_key == API_KEY:
            connection = airflow_connection(server.url_of(listening))
            sys.stdout.write(f"export AIRFLOW_CONN_MATON_DEFAULT='{connection}'\n")
        sys.stdout.flush()
        server.SandboxServer(create_app(settings)).run(sockets=[listening])


if __name__ == "__main__":
    sys.exit(main())

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
Credentials (fixed, because they give access to a sandbox only):
  API key              {API_KEY}
  Maton connection     {CONNECTION_ID}
  business account id  {BUSINESS_ACCOUNT_ID}
  phone number id      {PHONE_NUMBER_ID}

To reach it from Airflow, make a connection of type maton. Host and extra control_url are the URL that
is printed, the password is the API key, and the ids go into the extras maton_connection_id,
business_account_id and phone_number_id.

A template is PENDING, then APPROVED, or REJECTED if its name contains 'reject'.
A message is SENT, then DELIVERED, then READ. Special recipients, in which 131026 stands for any code of
docs/reference/sandbox.md:
  +1 555 0131026       rejected at once with this code
  +1 555 9131026       accepted, and FAILED with this code later

Control API, without a key:
  GET    /sandbox/messages, /sandbox/read_messages, /sandbox/templates, /sandbox/media, /sandbox/requests,
         /sandbox/faults
  POST   /sandbox/messages/{{id}}/status     {{"status": "FAILED", "code": 131026}}
  POST   /sandbox/templates/{{id}}/status    {{"status": "PAUSED"}}
  POST   /sandbox/connections/{{id}}/status  {{"status": "ACTIVE"}}
  POST   /sandbox/faults                   {{"path": "/messages", "status": 503, "body": "busy", "times": 2}}
                                           {{"path": "/messages", "behaviour": "drop_after"}}
  DELETE /sandbox/faults
  POST   /sandbox/reset
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal comes, and return the exit code."""
    parser = _build_parser()
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


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m airflow_provider_whatsapp.sandbox",
        description="Serve a local stand-in for the Maton gateway and the WhatsApp Business Cloud API.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = SandboxSettings()
    parser.add_argument(
        "--host",
        default=default.host,
        help="loopback address (default: %(default)s)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=default.port,
        help="0 takes a free one (default: %(default)s)",
    )
    parser.add_argument(
        "--api-key",
        default=default.api_key,
        help="key that is accepted (default: %(default)s)",
    )
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
        help="more calls than that are answered with 429 (default: %(default)s)",
    )
    return parser


def _serve(parser: argparse.ArgumentParser, settings: SandboxSettings) -> None:
    # Imported here, so that --help and the error about a missing extra do not need the extra.
    from airflow_provider_whatsapp.sandbox import server
    from airflow_provider_whatsapp.sandbox.app import create_app

    try:
        listening = server.open_socket(settings)
    except OSError as error:
        parser.error(
            f"cannot listen on {settings.host} port {settings.port} ({error}); --port 0 takes a free one"
        )
    url = server.url_of(listening)
    is_default_key = settings.api_key == API_KEY
    with listening, suppress(KeyboardInterrupt):
        # Printed before the server runs: the socket already accepts connections, which wait for it.
        # A key of the user's own is not printed, because it may give access to more than a sandbox.
        sys.stdout.write(
            f"WhatsApp sandbox at {url} (API key {API_KEY if is_default_key else 'as given'}, Maton connection "
            f"{CONNECTION_ID}, business account id {BUSINESS_ACCOUNT_ID}, phone number id {PHONE_NUMBER_ID})\n"
        )
        if is_default_key:
            sys.stdout.write(
                f"export AIRFLOW_CONN_MATON_DEFAULT='{airflow_connection(url)}'\n"
            )
        sys.stdout.flush()
        server.SandboxServer(create_app(settings)).run(sockets=[listening])


if __name__ == "__main__":
    sys.exit(main())

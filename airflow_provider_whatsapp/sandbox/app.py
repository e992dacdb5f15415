"""The application: the gateway, its control plane and the control API behind one address."""

from __future__ import annotations

import json

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from airflow_provider_whatsapp.sandbox import control_routes
from airflow_provider_whatsapp.sandbox.account import routes as account_routes
from airflow_provider_whatsapp.sandbox.faults.injection import FaultInjection, HangingCalls
from airflow_provider_whatsapp.sandbox.gateway import connection_routes
from airflow_provider_whatsapp.sandbox.gateway.checks import CONTROL_PLANE, Gateway
from airflow_provider_whatsapp.sandbox.gateway.connections import APP
from airflow_provider_whatsapp.sandbox.gateway.errors import MatonError
from airflow_provider_whatsapp.sandbox.gateway.request_log import (
    RequestLogging,
    is_control_call,
)
from airflow_provider_whatsapp.sandbox.graph import nodes
from airflow_provider_whatsapp.sandbox.graph.calls import validate_version
from airflow_provider_whatsapp.sandbox.graph.errors import (
    MetaError,
    invalid_parameter,
    unknown_object,
)
from airflow_provider_whatsapp.sandbox.media import routes as media_routes
from airflow_provider_whatsapp.sandbox.messages import routes as message_routes
from airflow_provider_whatsapp.sandbox.settings import SandboxSettings
from airflow_provider_whatsapp.sandbox.state import Sandbox
from airflow_provider_whatsapp.sandbox.templates import routes as template_routes


def create_app(settings: SandboxSettings | None = None) -> FastAPI:
    """
    Return an ASGI application with a state of its own, for a test client or a server.

    ``app.state.sandbox`` is that state. Faults that drop a connection need the server that
    :func:`~airflow_provider_whatsapp.sandbox.running_sandbox` starts.
    """
    sandbox = Sandbox(settings or SandboxSettings())
    app = FastAPI(
        title="WhatsApp sandbox",
        # The gateway does not know the paths of FastAPI's own pages.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.sandbox = sandbox
    app.state.hanging = HangingCalls()
    app.include_router(connection_routes.router)
    app.include_router(connection_routes.page_router)
    app.include_router(control_routes.router)
    app.include_router(media_routes.file_router)
    app.include_router(_build_graph_router())
    app.exception_handler(MetaError)(respond_to_error)
    app.exception_handler(MatonError)(respond_to_error)
    app.exception_handler(RequestValidationError)(respond_to_malformed_call)
    app.exception_handler(HTTPException)(respond_to_unknown_call)
    # The middleware that is added last runs first. Faults thus come before the key is checked, and
    # the log has the calls that end in a fault.
    app.add_middleware(Gateway, sandbox=sandbox)
    app.add_middleware(FaultInjection, sandbox=sandbox, hanging=app.state.hanging)
    app.add_middleware(RequestLogging, log=sandbox.requests)
    return app


def _build_graph_router() -> APIRouter:
    router = APIRouter(
        prefix=f"/{APP}/{{version}}",
        dependencies=[Depends(validate_version)],
    )
    router.include_router(message_routes.router)
    router.include_router(account_routes.router)
    router.include_router(media_routes.router)
    router.include_router(template_routes.router)
    # Last, because its paths are a bare id, which others begin with.
    router.include_router(nodes.router)
    return router


def respond_to_error(_request: Request, error: MetaError | MatonError) -> Response:
    """Return the response to a call that the gateway or Meta rejects."""
    return error.to_response()


def respond_to_malformed_call(request: Request, error: RequestValidationError) -> Response:
    """Return the response to a call whose parameters do not fit its route."""
    problems = error.errors()
    if is_control_call(request.scope):
        # FastAPI's own response repeats the input, which may be a text that no response can hold.
        detail = [
            {name: problem[name] for name in ("type", "loc", "msg")} for problem in problems
        ]
        body = json.dumps({"detail": detail})
        return Response(body, 422, media_type="application/json")
    field = problems[0]["loc"][-1]
    return invalid_parameter(f"The parameter {field} is required").to_response()


def respond_to_unknown_call(request: Request, error: HTTPException) -> Response:
    """Return the response to a call that no route takes."""
    if is_control_call(request.scope):
        return JSONResponse({"detail": error.detail}, error.status_code)
    segments = request.url.path.split("/")[1:]
    if segments[0] == CONTROL_PLANE:
        return MatonError(404, "No such call", flat_type="Not Found").to_response()
    # After the app's name and the version. A single segment is the id of a node.
    path = segments[2:]
    if len(path) == 1 and path[0]:
        return unknown_object(path[0], method=request.method).to_response()
    return MetaError(2500, f"Unknown path components: /{'/'.join(path[1:])}").to_response()

"""The application: the gateway, the control plane and the instructions behind one address."""

from __future__ import annotations

import json

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from airflow_provider_whatsapp.sandbox import (
    business_profile_routes,
    connection_routes,
    history_routes,
    instruction_routes,
    media_routes,
    message_routes,
    node_routes,
    template_routes,
)
from airflow_provider_whatsapp.sandbox.errors import MatonError, MetaError, invalid_parameter, unknown_object
from airflow_provider_whatsapp.sandbox.fault_injection import FaultInjection, Hangs
from airflow_provider_whatsapp.sandbox.gateway import CONTROL_PLANE, Gateway
from airflow_provider_whatsapp.sandbox.graph import check_version
from airflow_provider_whatsapp.sandbox.request_log import RequestLogging, is_instruction
from airflow_provider_whatsapp.sandbox.settings import SandboxSettings
from airflow_provider_whatsapp.sandbox.state import Sandbox


def create_app(settings: SandboxSettings | None = None) -> FastAPI:
    """
    Return an ASGI application with a state of its own, for a test client or a server.

    ``app.state.sandbox`` is that state. To drop connections it needs the server that
    :func:`~airflow_provider_whatsapp.sandbox.running_sandbox` starts.
    """
    sandbox = Sandbox(settings or SandboxSettings())
    # The paths of FastAPI's own pages belong to the gateway, which doesn't know them.
    app = FastAPI(title="WhatsApp sandbox", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.sandbox = sandbox
    app.state.hangs = Hangs()
    app.include_router(connection_routes.router)
    app.include_router(connection_routes.page_router)
    app.include_router(instruction_routes.router)
    app.include_router(media_routes.file_router)
    app.include_router(_graph_api())
    _add_error_handlers(app)
    # The last one added comes first.
    app.add_middleware(Gateway, sandbox=sandbox)
    app.add_middleware(FaultInjection, sandbox=sandbox, hangs=app.state.hangs)
    app.add_middleware(RequestLogging, log=sandbox.requests)
    return app


def _graph_api() -> APIRouter:
    router = APIRouter(prefix="/whatsapp-business/{version}", dependencies=[Depends(check_version)])
    for part in (message_routes, history_routes, business_profile_routes, media_routes, template_routes, node_routes):
        router.include_router(part.router)
    return router


def _add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(MetaError)
    def refused_by_meta(_request: Request, error: MetaError) -> Response:
        return JSONResponse(error.body(), error.status)

    @app.exception_handler(MatonError)
    def refused_by_gateway(_request: Request, error: MatonError) -> Response:
        return JSONResponse(error.body(), error.status)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        if is_instruction(request.scope):
            return _malformed_instruction(error)
        field = error.errors()[0]["loc"][-1]
        return refused_by_meta(request, invalid_parameter(f"The parameter {field} is required"))

    @app.exception_handler(HTTPException)
    def no_such_call(request: Request, error: HTTPException) -> Response:
        if is_instruction(request.scope):
            return JSONResponse({"detail": error.detail}, error.status_code)
        if request.url.path.split("/")[1] == CONTROL_PLANE:
            return refused_by_gateway(request, MatonError(404, "No such call", flat_type="Not Found"))
        return refused_by_meta(request, _unknown_call(request))


def _malformed_instruction(error: RequestValidationError) -> Response:
    """Return FastAPI's own answer without the input, which can be what no answer can hold."""
    detail = [{name: found[name] for name in ("type", "loc", "msg")} for found in error.errors()]
    return Response(json.dumps({"detail": detail}), 422, media_type="application/json")


def _unknown_call(request: Request) -> MetaError:
    parts = request.url.path.split("/")[3:]
    if len(parts) == 1 and parts[0]:
        return unknown_object(parts[0], method=request.method)
    return MetaError(2500, f"Unknown path components: /{'/'.join(parts[1:])}")

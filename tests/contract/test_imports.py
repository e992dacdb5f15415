"""Imports run one way, and parsing a DAG stays cheap."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from airflow.providers.common.compat import sdk

import airflow_provider_whatsapp
from tests.threads import LIMIT

PACKAGE = Path(airflow_provider_whatsapp.__file__).parent
NAME = PACKAGE.name

# What each room may import, besides itself and the standard library.
ROOMS = {
    "exceptions": set(),
    "get_provider_info": set(),
    "models": {"exceptions", "pydantic", "pydantic_core"},
    "client": {"models", "exceptions", "pydantic"},
    "sending": {"client", "models", "exceptions", "cryptography", "pydantic"},
    "templates": {"client", "models", "exceptions", "yaml"},
    "waits": {"client", "models", "exceptions"},
    "hooks": {
        "pydantic",
        "client",
        "models",
        "exceptions",
        "get_provider_info",
        "airflow",
        "flask_appbuilder",
        "wtforms",
    },
    "triggers": {"hooks", "waits", "models", "exceptions", "airflow"},
    "sensors": {"triggers", "hooks", "waits", "models", "exceptions", "airflow"},
    "links": {"airflow"},
    "policies": {"client", "exceptions", "airflow"},
    "operators": {
        "hooks",
        "links",
        "sending",
        "templates",
        "models",
        "exceptions",
        "airflow",
    },
    "sandbox": {"models", "exceptions", "fastapi", "starlette", "pydantic", "uvicorn"},
}
DOORS = {
    "client/http/transport.py": {"requests", "urllib3"},
    "client/recipients.py": {"phonenumbers"},
    "client/rate_limit/redis.py": {"redis"},
}
NOT_SIDEWAYS = ("operators", "sensors", "triggers")


def imports_of(path):
    """Yield the modules that a file imports; what is imported for type checkers alone binds nothing."""
    tree = ast.parse(path.read_text())
    guarded = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in guarded:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module


FILES = sorted(
    path.relative_to(PACKAGE)
    for path in PACKAGE.rglob("*.py")
    if path != PACKAGE / "__init__.py"
)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_room_imports_only_what_it_may(path):
    """No module reaches into a room, or a library, that the architecture keeps from it."""
    room = path.parts[0].removesuffix(".py")
    allowed = ROOMS[room] | {room} | DOORS.get(path.as_posix(), set())
    for module in imports_of(PACKAGE / path):
        parts = module.split(".")
        found = (
            (parts[1] if len(parts) > 1 else "__init__") if parts[0] == NAME else parts[0]
        )
        assert found in allowed | {"__init__"} or found in sys.stdlib_module_names, (
            f"{path} imports {module}"
        )


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.parts[0] in NOT_SIDEWAYS], ids=str
)
def test_nothing_imports_sideways(path):
    """Operators, sensors and triggers know their base, but not each other."""
    siblings = [
        module
        for module in imports_of(PACKAGE / path)
        if module.startswith(f"{NAME}.{path.parts[0]}.")
    ]
    assert {module.rpartition(".")[2] for module in siblings} <= {"base"}


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * LIMIT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


FACES = [
    "operators.messages",
    "operators.media",
    "operators.templates",
    "operators.business_profile",
    "sensors.templates",
    "sensors.messages",
    "sensors.connections",
]
# Airflow has retry policies from 3.3 on.
POLICIES = ["policies.retry"] if hasattr(sdk, "RetryPolicy") else []


def test_parsing_a_dag_loads_neither_client_nor_models():
    """Importing the operators and sensors loads no HTTP library, no model and no part of the client."""
    code = f"""
import importlib, sys
from airflow.providers.common.compat.sdk import DAG, BaseOperator, BaseSensorOperator, conf
heavy = (
    "requests", "urllib3", "redis", "phonenumbers", "yaml",
    "{NAME}.models", "{NAME}.client", "{NAME}.hooks.maton",
)
found = {{}}
for module in {FACES + POLICIES}:
    before = set(sys.modules)
    importlib.import_module("{NAME}." + module)
    found[module] = [name for name in set(sys.modules) - before if name.startswith(heavy)]
print({{module: names for module, names in found.items() if names}})
"""
    assert run(code).splitlines()[-1] == "{}"


def test_the_list_of_faces_is_complete():
    """Each operator and sensor module is measured."""
    found = {
        path.with_suffix("").as_posix().replace("/", ".")
        for path in FILES
        if path.parts[0] in NOT_SIDEWAYS[:2]
    }
    assert {name for name in found if not name.endswith(("__init__", "base"))} == set(FACES)


def test_the_client_works_without_airflow():
    """With airflow out of reach, the client can be imported and used."""
    code = f"""
import sys
sys.modules["airflow"] = None
from {NAME}.client.client import WhatsAppClient
from {NAME}.client.config import ClientConfig
client = WhatsAppClient(ClientConfig(api_key="key"))
try:
    client.media.get("1/2")
except Exception as error:
    print(type(error).__name__)
"""
    assert run(code).strip() == "InvalidRequestError"


def test_redis_is_loaded_when_it_is_asked_for():
    """A client that keeps its rate limit elsewhere loads no Redis client, which may not be there."""
    code = f"""
import sys
from {NAME}.client.client import WhatsAppClient
from {NAME}.client.config import ClientConfig
for storage in (None, "machine", "off"):
    WhatsAppClient(ClientConfig(api_key="key", rate_limit_storage=storage))
print("redis" in sys.modules)
"""
    assert run(code).strip() == "False"


def test_phonenumbers_is_loaded_when_a_number_is_checked():
    """Neither a client nor a model loads it, nor a message without a number, nor one whose number is not checked."""
    code = f"""
import sys
from {NAME}.client.client import WhatsAppClient
from {NAME}.client.config import ClientConfig
from {NAME}.models.messages import TextMessage
text = {{"text": {{"body": "hi"}}}}
number, user = TextMessage(to="6505551234", **text), TextMessage(recipient="US.1", **text)
group = TextMessage(to="Y2Fw", recipient_type="group", **text)
off, warn = (WhatsAppClient(ClientConfig(api_key="key", check_numbers=mode)).messages for mode in ("off", "warn"))
off.check_number(number)
warn.check_number(user)
warn.check_number(group)
warn.international_number("0160 1234567")
print("phonenumbers" in sys.modules, end=" ")
warn.check_number(number)
print("phonenumbers" in sys.modules)
"""
    assert run(code).strip() == "False True"


def test_importing_the_package_imports_nothing():
    """The package itself costs nothing but its version."""
    code = f"import sys; before = set(sys.modules); import {NAME}; print(set(sys.modules) - before)"
    assert run(code).strip() == f"{{'{NAME}'}}"

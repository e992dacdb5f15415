"""The information that Airflow reads about the provider fits the package."""

import importlib
import importlib.metadata
import inspect
import json
import re
from importlib import resources
from importlib.util import find_spec

import jsonschema
import pytest
from airflow import __version__ as airflow_version
from airflow.providers.common.compat.sdk import (
    BaseHook,
    BaseOperator,
    BaseOperatorLink,
    BaseSensorOperator,
)
from airflow.triggers.base import BaseTrigger

import airflow_provider_whatsapp
from airflow_provider_whatsapp.get_provider_info import CONN_FIELDS, get_provider_info

AIRFLOW = tuple(int(part) for part in airflow_version.split(".")[:2])
DISTRIBUTION = "airflow-provider-whatsapp"


def test_the_entry_point_resolves():
    """Airflow finds the provider by its entry point, which names this very function."""
    (point,) = [
        point
        for point in importlib.metadata.entry_points(group="apache_airflow_provider")
        if point.value.startswith("airflow_provider_whatsapp")
    ]
    assert point.load() is get_provider_info


def test_the_names_agree():
    """The distribution's name is the package-name, or Airflow rejects the provider."""
    distribution = importlib.metadata.distribution(DISTRIBUTION)
    normal = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
    assert normal == get_provider_info()["package-name"] == DISTRIBUTION


def test_the_version_is_one():
    """Package, distribution and metadata tell the same version."""
    version = airflow_provider_whatsapp.__version__
    assert importlib.metadata.version(DISTRIBUTION) == version
    assert get_provider_info()["versions"] == [version]


def schema(name):
    return json.loads(resources.files("airflow").joinpath(name).read_text())


def test_it_passes_the_runtime_schema():
    """The metadata has the form in which Airflow reads it."""
    validator = jsonschema.Draft7Validator(schema("provider_info.schema.json"))
    assert list(validator.iter_errors(get_provider_info())) == []


@pytest.mark.skipif(AIRFLOW < (3, 2), reason="conn-fields came with Airflow 3.2")
def test_the_form_passes_the_schema_for_authors():
    """The connection's form has the form in which Airflow's own providers write theirs."""
    whole = schema("provider.yaml.schema.json")
    validator = jsonschema.Draft7Validator(whole["properties"]["connection-types"])
    assert list(validator.iter_errors(get_provider_info()["connection-types"])) == []


BASES = {
    "hooks": BaseHook,
    "operators": BaseOperator,
    "sensors": BaseSensorOperator,
    "triggers": BaseTrigger,
}


@pytest.mark.parametrize("kind", BASES)
def test_every_listed_module_holds_what_it_is_listed_for(kind):
    """Each module of the metadata imports, and defines a class of its kind."""
    (entry,) = get_provider_info()[kind]
    for name in entry["python-modules"]:
        module = importlib.import_module(name)
        own = [
            cls
            for _, cls in inspect.getmembers(module, inspect.isclass)
            if cls.__module__ == name
        ]
        assert any(issubclass(cls, BASES[kind]) for cls in own), name


def test_every_link_of_an_operator_is_listed():
    """The classes that are listed resolve, and are those that operators use: Airflow shows no others."""
    listed = set(get_provider_info()["extra-links"])
    for path in listed:
        module, _, name = path.rpartition(".")
        assert issubclass(getattr(importlib.import_module(module), name), BaseOperatorLink)
    (entry,) = get_provider_info()["operators"]
    modules = [importlib.import_module(name) for name in entry["python-modules"]]
    classes = [
        cls for module in modules for _, cls in inspect.getmembers(module, inspect.isclass)
    ]
    links = {
        type(link)
        for cls in classes
        if issubclass(cls, BaseOperator)
        for link in cls.operator_extra_links
    }
    assert {f"{link.__module__}.{link.__name__}" for link in links} == listed


def test_the_connection_type_is_the_hooks():
    """The metadata of the connection type and the hook class say the same."""
    (entry,) = get_provider_info()["connection-types"]
    module, _, name = entry["hook-class-name"].rpartition(".")
    hook = getattr(importlib.import_module(module), name)
    assert (entry["connection-type"], entry["hook-name"]) == (
        hook.conn_type,
        hook.hook_name,
    )
    # Airflow makes a hook from a connection this way.
    assert hook(**{hook.conn_name_attr: "some_id"}).maton_conn_id == "some_id"


@pytest.mark.skipif(AIRFLOW < (3, 0), reason="the API of the Airflow 3 UI")
@pytest.mark.skipif(
    AIRFLOW == (3, 0) and not find_spec("wtforms"),
    reason="Airflow 3.0 takes its forms from wtforms",
)
def test_the_form_of_airflow_3_shows_all_fields():
    """The UI of Airflow 3 gets every field of the connection, and hides the key."""
    from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService

    (found,) = [
        hook for hook in HookMetaService.hook_meta_data() if hook.connection_type == "maton"
    ]
    assert set(found.extra_fields) == set(CONN_FIELDS)
    assert found.standard_fields.password.title == "Maton API key"
    assert found.standard_fields.host.title == "Gateway URL"
    assert found.standard_fields.login.hidden
    assert found.extra_fields["proxy"]["schema"]["format"] == "password"


@pytest.mark.skipif(AIRFLOW >= (3, 0), reason="the form of Airflow 2")
def test_the_form_of_airflow_2_shows_all_fields():
    """The web form of Airflow 2 gets every field of the connection."""
    from airflow.providers_manager import ProvidersManager

    manager = ProvidersManager()
    shown = {
        info.field_name
        for name, info in manager.connection_form_widgets.items()
        if "__maton__" in name
    }
    assert shown == set(CONN_FIELDS)
    assert manager.field_behaviours["maton"]["relabeling"]["password"] == "Maton API key"

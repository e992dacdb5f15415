"""The reference lists each class that Airflow is told about."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

from airflow_provider_whatsapp.get_provider_info import get_provider_info

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
API = "".join(
    path.read_text(encoding="utf-8") for path in sorted((REFERENCE / "api").glob("*.md"))
)
OVERVIEW = (REFERENCE / "operators-and-sensors.md").read_text(encoding="utf-8")


def classes():
    """Yield the public classes of the modules that the provider names, without those that others are made from."""
    for kind, ending in (
        ("hooks", "Hook"),
        ("operators", "Operator"),
        ("sensors", "Sensor"),
        ("triggers", "Trigger"),
    ):
        for entry in get_provider_info()[kind]:
            for module in entry["python-modules"]:
                for name, cls in inspect.getmembers(
                    importlib.import_module(module), inspect.isclass
                ):
                    if (
                        cls.__module__ == module
                        and name.endswith(ending)
                        and name != "DefinitionOperator"
                    ):
                        yield cls


CLASSES = list(classes())


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_class_has_its_arguments_listed(cls):
    """The API reference takes the docstring of each class."""
    assert f"autoclass:: {cls.__module__}.{cls.__name__}\n" in API


def test_the_overview_is_complete():
    """The table of operators and sensors names each class that a DAG uses, and no other."""
    named = set(re.findall(r"`(\w+(?:Operator|Sensor|Hook))`", OVERVIEW))
    assert named == {
        cls.__name__ for cls in CLASSES if not cls.__name__.endswith("Trigger")
    }

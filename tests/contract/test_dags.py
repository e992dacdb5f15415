"""DAGs that use the provider can be parsed and stored."""

import ast
import importlib
import inspect
from pathlib import Path

import pendulum
import pytest
from airflow import __version__ as airflow_version
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_whatsapp.get_provider_info import get_provider_info
from airflow_provider_whatsapp.operators.messages import SendTemplateOperator
from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from airflow_provider_whatsapp.sensors.templates import TemplateApprovalSensor
from tests.operator_arguments import operator_arguments

AIRFLOW = tuple(int(part) for part in airflow_version.split(".")[:2])
EXAMPLES = sorted((Path(__file__).parents[2] / "example_dags").glob("example_*.py"))
OPERATORS = operator_arguments()
# Only `execute` may find these wrong.
WRONG = {
    cls: dict.fromkeys(arguments, "/no/such/file") for cls, arguments in OPERATORS.items()
}


def a_dag():
    with DAG("orders", start_date=pendulum.datetime(2026, 1, 1), schedule=None) as dag:
        sync = SyncTemplatesOperator(task_id="sync", templates=[{"name": "order_shipped"}])
        wait = TemplateApprovalSensor(
            task_id="wait", templates=sync.output, deferrable=True
        )
        for cls, arguments in OPERATORS.items():
            wait >> cls(task_id=f"one_{cls.__name__}", **arguments)
            wait >> cls.partial(task_id=f"each_{cls.__name__}", **arguments).expand(
                maton_conn_id=["first", "second"]
            )
        SendTemplateOperator.partial(
            task_id="send", template_name="order_shipped"
        ).expand_kwargs(
            [
                {"to": "+1 650 555 1234", "body_parameters": ["Ada"]},
                {"to": "+1 650 555 9876", "header": "Grace"},
            ]
        )
    return dag


def serialized(dag):
    from airflow.serialization import serialized_objects

    # The class has had another name since Airflow 3.2.
    serialization = (
        getattr(serialized_objects, "DagSerialization", None)
        or serialized_objects.SerializedDAG
    )
    return serialization.to_dict(dag)


def test_a_dag_of_all_operators_can_be_stored():
    """Airflow can put a DAG that uses each operator, mapped ones too, into its database."""
    tasks = serialized(a_dag())["dag"]["tasks"]
    each = {f"{how}_{cls.__name__}" for cls in OPERATORS for how in ("one", "each")}
    assert {(task.get("__var") or task)["task_id"] for task in tasks} == {
        "sync",
        "wait",
        "send",
        *each,
    }


def test_all_operators_are_in_it():
    """The DAG has each operator that Airflow is told about."""
    (entry,) = get_provider_info()["operators"]
    names = {
        name
        for module in entry["python-modules"]
        for name, cls in inspect.getmembers(
            importlib.import_module(module), inspect.isclass
        )
        if name.endswith("Operator") and cls.__module__ == module
    }
    # Two that others are made from.
    assert names - {"SendOperator", "DefinitionOperator"} == {
        cls.__name__ for cls in OPERATORS
    }


def test_making_operators_asks_for_nothing():
    """Constructing operators with wrong values and an unknown connection only keeps what it is given."""
    tasks = [
        cls(task_id="task", maton_conn_id="none", **arguments)
        for cls, arguments in WRONG.items()
    ]
    tasks += [TemplateApprovalSensor(task_id="wait", maton_conn_id="none")]
    assert {task.maton_conn_id for task in tasks} == {"none"}
    assert not any("client" in vars(task) for task in tasks)


@pytest.mark.skipif(AIRFLOW < (3, 0), reason="the examples are written for Airflow 3")
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_loads(path):
    """Each example DAG is found by Airflow, without import errors, under the name of its file."""
    try:
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:
        from airflow.models.dagbag import DagBag

    bag = DagBag(dag_folder=str(path))
    assert bag.import_errors == {}
    assert list(bag.dags) == [path.stem]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_explains_itself(path):
    """Each example DAG begins with a docstring, which the UI shows."""
    assert ast.get_docstring(ast.parse(path.read_text()))

"""DAGs that use the provider can be parsed and stored."""

import ast
from pathlib import Path

import pendulum
import pytest
from airflow import __version__ as airflow_version
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_whatsapp.operators.media import UploadMediaOperator
from airflow_provider_whatsapp.operators.messages import SendTemplateOperator
from airflow_provider_whatsapp.operators.templates import SyncTemplatesOperator
from airflow_provider_whatsapp.sensors.templates import TemplateApprovalSensor

AIRFLOW = tuple(int(part) for part in airflow_version.split(".")[:2])
EXAMPLES = sorted((Path(__file__).parents[2] / "example_dags").glob("example_*.py"))


def a_dag():
    with DAG("orders", start_date=pendulum.datetime(2026, 1, 1), schedule=None) as dag:
        sync = SyncTemplatesOperator(task_id="sync", templates=[{"name": "order_shipped"}])
        wait = TemplateApprovalSensor(task_id="wait", templates=sync.output, deferrable=True)
        upload = UploadMediaOperator(task_id="upload", file="s3://aws@bucket/{{ ds }}.pdf")
        send = SendTemplateOperator.partial(task_id="send", template_name="order_shipped").expand(
            to=["+1 650 555 1234", "+1 650 555 9876"]
        )
        [wait, upload] >> send
    return dag


def serialized(dag):
    from airflow.serialization import serialized_objects

    # The class has had another name since Airflow 3.2.
    serialization = getattr(serialized_objects, "DagSerialization", None) or serialized_objects.SerializedDAG
    return serialization.to_dict(dag)


def test_a_dag_of_all_operators_can_be_stored():
    """Airflow can put a DAG that uses each operator, mapped ones too, into its database."""
    tasks = serialized(a_dag())["dag"]["tasks"]
    assert {(task.get("__var") or task)["task_id"] for task in tasks} == {"sync", "wait", "upload", "send"}


def test_making_operators_asks_for_nothing():
    """Constructing operators with wrong values and an unknown connection only keeps what it is given."""
    tasks = [
        SendTemplateOperator(task_id="send", to="", template_name="", maton_conn_id="none"),
        UploadMediaOperator(task_id="upload", file="/no/such/file", maton_conn_id="none"),
        SyncTemplatesOperator(task_id="sync", templates="/no/such/folder", maton_conn_id="none"),
        TemplateApprovalSensor(task_id="wait", maton_conn_id="none"),
    ]
    assert [task.maton_conn_id for task in tasks] == ["none"] * 4
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

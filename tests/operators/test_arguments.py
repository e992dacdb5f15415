"""Rules for the arguments of every operator."""

import importlib
import inspect
import pkgutil

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, BaseOperator

from airflow_provider_whatsapp import operators
from airflow_provider_whatsapp.exceptions import WhatsAppError
from airflow_provider_whatsapp.operators.base import WhatsAppOperator
from tests.operator_arguments import operator_arguments

MODULES = [
    importlib.import_module(f"{operators.__name__}.{found.name}")
    for found in pkgutil.iter_modules(operators.__path__)
]
OPERATORS = [
    cls
    for module in MODULES
    for _, cls in inspect.getmembers(module, inspect.isclass)
    if cls.__module__ == module.__name__ and issubclass(cls, WhatsAppOperator)
]
FLAGS = {
    "preview_url",
    "voice",
    "typing_indicator",
    "ignore_if_missing",
    "unchecked",
    "invalid_text",
    "on_unknown_outcome",
    "on_held",
}
each_operator = pytest.mark.parametrize("cls", OPERATORS, ids=lambda cls: cls.__name__)


def arguments_of(cls):
    """Return the arguments that an operator adds to Airflow's own, by name."""
    constructors = [
        base.__init__ for base in cls.__mro__ if issubclass(base, WhatsAppOperator)
    ]
    found = {}
    for constructor in constructors:
        found |= inspect.signature(constructor).parameters
    return {name: found[name] for name in found if name not in ("self", "kwargs")}


def test_all_operators_are_tested():
    """The classes below are those of the package."""
    assert len({cls.__name__ for cls in OPERATORS}) == len(OPERATORS)
    assert {
        "SendTextOperator",
        "UploadMediaOperator",
        "DeleteTemplateOperator",
        "UpdateBusinessProfileOperator",
    } <= {cls.__name__ for cls in OPERATORS}


@each_operator
def test_all_that_varies_is_templated(cls):
    """Every argument but the flags can come from Jinja and XCom, and is named once."""
    assert sorted(cls.template_fields) == sorted(set(arguments_of(cls)) - FLAGS)


@each_operator
def test_arguments_are_keywords_and_none_is_airflows(cls):
    """No argument can be mistaken for another by its place, or for one that a DAG's default_args have for all tasks."""
    assert {argument.kind for argument in arguments_of(cls).values()} == {
        inspect.Parameter.KEYWORD_ONLY
    }
    assert not set(arguments_of(cls)) & set(
        inspect.signature(BaseOperator.__init__).parameters
    )
    assert not set(arguments_of(cls)) & set(dir(BaseOperator(task_id="task")))


@each_operator
def test_a_field_that_is_shown_in_a_format_exists(cls):
    """Formats for the UI are given for templated fields."""
    assert set(cls.template_fields_renderers) <= set(cls.template_fields)


@each_operator
def test_the_constructor_only_assigns(cls):
    """Each argument is kept as the very object that was given, right or wrong."""
    given = {name: object() for name in arguments_of(cls)}
    task = cls(task_id="task", **given)
    assert {name: getattr(task, name) for name in given} == given


@each_operator
def test_the_docstring_names_every_argument(cls):
    """The docstring of an operator describes each of its arguments, and says which are templated."""
    described = " ".join(
        inspect.getdoc(base) or ""
        for base in cls.__mro__
        if issubclass(base, WhatsAppOperator)
    )
    for name in arguments_of(cls):
        _, found, rest = described.partition(f":param {name}:")
        assert found, name
        own = (
            rest.partition(":param ")[0].partition(":return:")[0].partition(".. seealso")[0]
        )
        assert ("templated" in own) == (name in cls.template_fields), name


WORKING = operator_arguments()
JUNK = [
    None,
    0,
    -1.5,
    float("nan"),
    True,
    "",
    "\0",
    "wrong/../{{ it }}",
    b"bytes",
    [],
    [None],
    {},
    {"a": 1},
    {5: []},
]
WITHOUT_OWN_CONTENT = {"WhatsAppOperator", "SendOperator", "DefinitionOperator"}
CONCRETE = [cls for cls in OPERATORS if cls.__name__ not in WITHOUT_OWN_CONTENT]
# The connection is Airflow's to look up.
VARIED = [
    (cls, name) for cls in CONCRETE for name in arguments_of(cls) if name != "maton_conn_id"
]


def failure_of(task):
    try:
        task.execute({})
    except AirflowFailException as error:
        return error
    return None


@pytest.mark.parametrize(
    ("cls", "name"), VARIED, ids=[f"{cls.__name__}-{name}" for cls, name in VARIED]
)
def test_junk_fails_the_task_at_once_or_is_accepted(template, cls, name):
    """With any value from an upstream task, a task succeeds, or fails without retries."""
    for junk in JUNK:
        failure = failure_of(cls(task_id="task", **{**WORKING[cls], name: junk}))
        assert failure is None or isinstance(failure.__cause__, WhatsAppError)


def test_every_operator_is_tried_with_junk():
    """Each operator has its arguments in tests.operator_arguments."""
    assert set(CONCRETE) == set(WORKING)

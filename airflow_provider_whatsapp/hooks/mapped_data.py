"""
Keeps Airflow from rendering the rows that a mapped task gets from XCom: they are data and not Jinja.

Airflow renders a row of ``expand_kwargs`` again, as if the DAG's author had written it. A customer named
``{{ conn.maton_default.password }}`` would receive that password:
https://github.com/apache/airflow/issues/38745
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2
    from airflow.providers.common.compat.sdk import BaseOperator, Context

    _Operator = BaseOperator
else:
    _Operator = object


class MappedDataMixin(_Operator):
    """Skips the templated fields of a mapped task whose values come from XCom. Stands before Airflow's base class."""

    def _do_render_template_fields(
        self,
        parent: Any,
        template_fields: Iterable[str],
        context: Context,
        jinja_env: jinja2.Environment,
        seen_oids: set[int],
    ) -> None:
        # Airflow calls this on the task of one row, and skips the objects whose ids it is given. It lists the values of
        # ``expand`` there, but not those of ``expand_kwargs``.
        if parent is self:
            seen_oids |= {id(getattr(self, name)) for name in _fields_from_xcom(self, context)}
        super()._do_render_template_fields(parent, template_fields, context, jinja_env, seen_oids)


def _fields_from_xcom(task: BaseOperator, context: Context) -> Iterator[str]:
    dag = task.get_dag()
    if dag is None or not dag.has_task(task.task_id):
        return
    mapped: Any = dag.get_task(task.task_id)
    expand_input = getattr(mapped, "expand_input", None)
    if expand_input is None or _is_literal_row(expand_input.value, context):
        return
    # The author's own values are in one of these. A row with the same text is rendered like the author's.
    group = mapped.task_group
    written = [mapped.partial_kwargs, dag.default_args, {} if group is None else group.default_args]
    given = _given(task, expand_input.value)
    for name in set(task.template_fields).intersection(given):
        if not any(name in arguments and arguments[name] == getattr(task, name) for arguments in written):
            yield name


def _given(task: BaseOperator, columns: Any) -> Iterable[str]:
    """Return the names of the arguments that the row may have filled, without those that a subclass fills itself."""
    if isinstance(columns, Mapping):  # expand(to=…, body=…)
        return [name for name, values in columns.items() if not isinstance(values, Sequence | Mapping)]
    # The arguments of the constructor. If an Airflow does not keep them, every field may come from the row.
    given: Iterable[str] = getattr(task, "_BaseOperator__init_kwargs", task.template_fields)
    return given


def _is_literal_row(rows: Any, context: Context) -> bool:
    """Tell whether the author wrote the row: ``expand_kwargs([{…}, {…}])``."""
    if not isinstance(rows, Sequence):
        return False
    return all(isinstance(row, Mapping) for row in rows) or isinstance(rows[context["ti"].map_index or 0], Mapping)

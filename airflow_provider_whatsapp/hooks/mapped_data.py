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
            seen_oids |= {
                id(getattr(self, name)) for name in _fields_from_xcom(self, context)
            }
        super()._do_render_template_fields(
            parent, template_fields, context, jinja_env, seen_oids
        )


def _fields_from_xcom(task: BaseOperator, context: Context) -> Iterator[str]:
    dag = task.get_dag()
    if dag is None or not dag.has_task(task.task_id):
        return
    mapped: Any = dag.get_task(task.task_id)
    expand_input = getattr(mapped, "expand_input", None)
    if expand_input is None:
        return
    # The author's own values are in one of these. A row with the same text is rendered like the author's.
    written = [mapped.partial_kwargs, dag.default_args]
    if mapped.task_group is not None:
        written.append(mapped.task_group.default_args)
    filled = _filled_by_row(task, expand_input.value, context)
    for name in set(task.template_fields).intersection(filled):
        if not any(
            name in arguments and arguments[name] == getattr(task, name)
            for arguments in written
        ):
            yield name


def _filled_by_row(task: BaseOperator, values: Any, context: Context) -> Iterable[str]:
    """Return the names of the arguments that a row from XCom may have filled, and none if the author wrote the row."""
    if isinstance(values, Mapping):  # expand(to=…, body=…)
        return [
            name
            for name, column in values.items()
            if not isinstance(column, Sequence | Mapping)
        ]
    # expand_kwargs([{…}, {…}]), in which single rows can come from XCom
    if isinstance(values, Sequence):
        is_literal = all(isinstance(row, Mapping) for row in values)
        # Only a list that has an XCom in it needs the index of this row.
        if is_literal or isinstance(values[context["ti"].map_index or 0], Mapping):
            return ()
    # The arguments of the constructor, without those that a subclass fills itself. If an Airflow does not keep them,
    # every field may come from the row.
    filled: Iterable[str] = getattr(
        task, "_BaseOperator__init_kwargs", task.template_fields
    )
    return filled

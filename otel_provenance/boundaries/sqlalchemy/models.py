"""Which mapped class a written row is of, where it is of any."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from otel_provenance.boundaries.textwrites import KnownTable


class Models(NamedTuple):
    """The mapped class of a table's rows; more than one with single-table or joined inheritance."""

    name: str | None = None
    discriminator: str | None = None
    """The key of the column that says which class a row is of."""
    by_identity: Mapping[Any, str] = {}

    def of(self, parameters: Mapping[str, Any]) -> str | None:
        """``module.Class`` of the row with these parameters."""
        if self.discriminator is None:
            return self.name
        return self.by_identity.get(parameters.get(self.discriminator), self.name)


def models_of(statement: Any, table: Any, *, is_flush: bool) -> Models:
    """The classes of an ORM statement's rows, or of a flush's; none for a statement of Core."""
    subject = (getattr(statement, "_propagate_attrs", None) or {}).get("plugin_subject")
    mapper = getattr(subject, "mapper", None)
    if mapper is None and is_flush:
        # with single-table inheritance several classes have the same table: the one that the others inherit from
        found = [mapper for mapper in _mappers() if mapper.local_table is table]
        mapper = min(found, key=lambda mapper: len(list(mapper.iterate_to_root())), default=None)
    if mapper is None:
        return Models()
    name = _name(mapper)
    column = mapper.polymorphic_on
    if column is None or getattr(column, "table", None) is not table:
        return Models(name)
    by_identity = {identity: _name(m) for identity, m in mapper.polymorphic_map.items()}
    return Models(name, column.key, by_identity)


def table_of(name: str) -> KnownTable | None:
    """The mapped table of this name, as SQL text spells it."""
    wanted = name.lower()
    for mapper in _mappers():
        table = mapper.local_table
        full = getattr(table, "fullname", "")
        if full.lower() == wanted or (getattr(table, "name", "").lower() == wanted and table.schema is None):
            columns = tuple(str(column.name) for column in table.c)
            return KnownTable(str(full), columns, tuple(str(column.name) for column in table.primary_key))
    return None


def _mappers() -> list[Any]:
    module = sys.modules.get("sqlalchemy.orm.mapper")
    registries: Callable[[], Any] | None = getattr(module, "_all_registries", None)
    return [mapper for registry in registries() for mapper in registry.mappers] if registries else []


def _name(mapper: Any) -> str:
    return f"{mapper.class_.__module__}.{mapper.class_.__qualname__}"

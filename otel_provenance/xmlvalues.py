"""The values of an XML document by dotted name: ``customer.name``, ``lines.line.0.text``, attributes among them.

Expat reads nothing from elsewhere; a document that declares entities is not read at all.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from xml.parsers import expat

from otel_provenance.fieldnames import kept_name

_DEEPEST = 64


class NotXml(ValueError):
    """Not well-formed, or not to be read: too deep, too much, or with entities of its own."""


class _Element:
    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = kept_name(_local(name))
        self.attributes = attributes
        self.text: list[str] = []
        self.children: list[_Element] = []


def xml_values(document: str | bytes, most: int) -> dict[str, str]:
    """Dotted name → text of elements and attributes, in their order, without prefixes and the root's name."""
    root = _parse(document, most)
    values: dict[str, str] = {}
    waiting: list[tuple[str, _Element]] = [("", root)]
    while waiting:
        path, element = waiting.pop()
        for name, value in element.attributes.items():
            if name.partition(":")[0] != "xmlns":
                _put(values, _join(path, _local(name)), value)
        text = "".join(element.text).strip()
        if text:
            _put(values, path or element.name, text)
        counts = Counter([child.name for child in element.children])
        seen: Counter[str] = Counter()
        below = []
        for child in element.children:
            number = f".{seen[child.name]}" if counts[child.name] > 1 else ""
            seen[child.name] += 1
            below.append((_join(path, child.name) + number, child))
        waiting.extend(reversed(below))
    return values


def _parse(document: str | bytes, most: int) -> _Element:
    top = _Element("", {})
    around = [top]
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1 + len(attributes)
        if len(around) > _DEEPEST or count > most:
            raise NotXml
        element = _Element(name, attributes)
        around[-1].children.append(element)
        around.append(element)

    def end(_name: str) -> None:
        around.pop()

    def text(data: str) -> None:
        around[-1].text.append(data)

    def refuse(*_declaration: Any) -> None:
        raise NotXml

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NotXml from error
    return top.children[0]


def _put(values: dict[str, str], name: str, value: str) -> None:
    while name in values:  # an element that is called like an attribute beside it
        name += ".text"
    values[name] = value


def _join(path: str, name: str) -> str:
    return kept_name(f"{path}.{name}" if path else name)


def _local(name: str) -> str:
    return name.rpartition(":")[2]

"""Flows as pictures: Mermaid (mermaid.js.org, flowchart) and Graphviz (graphviz.org, the DOT language)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from otel_provenance.cli.text import safe
from otel_provenance.reports.flows import Flow


class _Edge(NamedTuple):
    start: str
    end: str
    label: str


class _Graph:
    """Nodes by kind, and the edges between them, each once."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self.nodes: dict[str, dict[str, str]] = {"came in": {}, "stored": {}, "sent": {}}
        edges: dict[tuple[str, str], dict[str, None]] = {}
        for flow in flows:
            field = f"{flow.source or 'another service'} {flow.field or ''}".strip()
            start = self._node("came in", f"{flow.route}: {field}" if flow.route else field)
            if flow.via is not None:
                start = self._node("stored", flow.via)
            if flow.place is None:
                continue
            end = self._node("stored" if flow.goes == "store" else "sent", flow.place)
            edges.setdefault((start, end), {}).update(dict.fromkeys(flow.changes))
        self.edges = [_Edge(start, end, ", ".join(label)) for (start, end), label in edges.items()]

    def _node(self, kind: str, label: str) -> str:
        known = self.nodes[kind]
        if label not in known:
            known[label] = f"n{sum(map(len, self.nodes.values()))}"
        return known[label]


def mermaid(flows: Iterable[Flow]) -> Iterator[str]:
    """A flowchart from left to right."""
    graph = _Graph(flows)
    yield "flowchart LR"
    for kind, nodes in graph.nodes.items():
        if nodes:
            yield f'  subgraph {kind.replace(" ", "_")}["{kind}"]'
            shape = {"stored": '[("{}")]', "sent": '(["{}"])'}.get(kind, '["{}"]')
            for label, name in nodes.items():
                yield f"    {name}{shape.format(_in_mermaid(label))}"
            yield "  end"
    for start, end, label in graph.edges:
        yield f'  {start} -->|"{_in_mermaid(label)}"| {end}' if label else f"  {start} --> {end}"


def graphviz(flows: Iterable[Flow]) -> Iterator[str]:
    """A directed graph in the DOT language."""
    graph = _Graph(flows)
    yield "digraph flows {"
    yield "  rankdir=LR;"
    yield "  node [shape=box];"
    for at, (kind, nodes) in enumerate(graph.nodes.items()):
        if nodes:
            yield f"  subgraph cluster_{at} {{"
            yield f"    label={_in_dot(kind)};"
            shape = {"stored": " shape=cylinder", "sent": " shape=ellipse"}.get(kind, "")
            for label, name in nodes.items():
                yield f"    {name} [label={_in_dot(label)}{shape}];"
            yield "  }"
    for start, end, label in graph.edges:
        yield f"  {start} -> {end} [label={_in_dot(label)}];" if label else f"  {start} -> {end};"
    yield "}"


def _in_mermaid(label: str) -> str:
    # entity codes, as Mermaid has them; a backtick at the start would make it Markdown
    codes = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;"}
    return "".join(codes.get(character, character) for character in safe(label))


def _in_dot(label: str) -> str:
    escaped = safe(label).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

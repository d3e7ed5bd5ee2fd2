"""Which boundaries there are: (module to wait for, where its Boundary is).

A boundary's own file is imported only when its library is: what is not installed costs nothing.
"""

from __future__ import annotations

from typing import Final

BOUNDARIES: Final[tuple[tuple[str, str], ...]] = (
    ("flask", "otel_provenance.boundaries.flask:BOUNDARY"),
    ("sqlalchemy", "otel_provenance.boundaries.sqlalchemy:BOUNDARY"),
    ("sqlite3", "otel_provenance.boundaries.sqlite3:BOUNDARY"),
    ("psycopg", "otel_provenance.boundaries.psycopg:BOUNDARY"),
    ("psycopg2", "otel_provenance.boundaries.psycopg2:BOUNDARY"),
    ("pymysql", "otel_provenance.boundaries.mysql:PYMYSQL_BOUNDARY"),
    ("MySQLdb", "otel_provenance.boundaries.mysql:MYSQLCLIENT_BOUNDARY"),
    ("asyncpg", "otel_provenance.boundaries.asyncpg:BOUNDARY"),
    ("requests", "otel_provenance.boundaries.requests:BOUNDARY"),
    ("httpx", "otel_provenance.boundaries.httpx:BOUNDARY"),
    ("httpx2", "otel_provenance.boundaries.httpx:BOUNDARY2"),
    ("aiohttp", "otel_provenance.boundaries.aiohttp:BOUNDARY"),
    ("botocore.endpoint", "otel_provenance.boundaries.botocore:BOUNDARY"),
    ("urllib3", "otel_provenance.boundaries.urllib3:BOUNDARY"),
    ("urllib.request", "otel_provenance.boundaries.http_client:URLLIB_BOUNDARY"),
    ("http.client", "otel_provenance.boundaries.http_client:BOUNDARY"),
    ("smtplib", "otel_provenance.boundaries.smtplib:BOUNDARY"),
    ("logging", "otel_provenance.boundaries.logging:BOUNDARY"),
    ("celery.app.amqp", "otel_provenance.boundaries.celery:BOUNDARY"),
    ("gevent.greenlet", "otel_provenance.boundaries.gevent:BOUNDARY"),
    ("opentelemetry.baggage.propagation", "otel_provenance.boundaries.baggage:W3C_BOUNDARY"),
    ("opentelemetry.propagators.jaeger", "otel_provenance.boundaries.baggage:JAEGER_BOUNDARY"),
    ("opentelemetry.propagators.ot_trace", "otel_provenance.boundaries.baggage:OT_TRACE_BOUNDARY"),
)

"""Exporters: spans → rows, and the stores that take them.

sqlite        SqliteSpanExporter, the door: one span → its facts
store         what waits, and the thread that writes it
together      the spans of a request, in one write
waiting       a queue in memory, and in a spool that outlives the process
writer        frames → SQLite, through whatever befalls the file
introduction  who writes, for ``doctor``
native        threads and locks of the operating system
"""

from otel_provenance_exporters.sqlite import SqliteSpanExporter

__all__ = ["SqliteSpanExporter"]

"""Exporters: spans → rows, and the stores that take them."""

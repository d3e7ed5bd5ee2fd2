"""The names of this product's first specification: ``python3 -m runtime_provenance.cli``."""

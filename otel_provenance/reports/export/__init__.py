"""The record in the words of others: W3C PROV, OpenLineage, and flat rows. Each yields text, piece by piece."""

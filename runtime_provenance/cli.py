"""``python3 -m runtime_provenance.cli requests|data|storage|share …``: the commands under their first name."""

import sys

from otel_provenance.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())

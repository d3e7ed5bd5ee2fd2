"""``python -m otel_provenance.cli``."""

import sys

from otel_provenance.cli import main

sys.exit(main())

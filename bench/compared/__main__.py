"""`python -m bench.compared`."""

import sys

from bench.compared.cli import main

try:
    sys.exit(main())
except KeyboardInterrupt:
    sys.exit(130)

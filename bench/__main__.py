"""`python -m bench [names…]`."""

import sys

from bench.cli import main

try:
    sys.exit(main())
except KeyboardInterrupt:
    sys.exit(130)

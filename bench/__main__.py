"""`python -m bench [names…]`."""

import sys

from bench.cli import main

sys.exit(main())

"""``python -m argosy``: the command line where no script is on the path."""

import sys

from argosy.ui.cli import main

sys.exit(main())

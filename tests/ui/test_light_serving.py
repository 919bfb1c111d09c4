"""What serves holds in memory only what answers."""

import subprocess
import sys

HEAVY = (
    "scipy",
    "polars",
    "sklearn",
    "torch",
    "sqlalchemy",
    "alembic",
    "cryptography",
    "argosy.stages",
    "argosy.store",
)


def test_an_open_service_holds_nothing_that_builds_or_sells() -> None:
    """Each was once brought in by a line at the top of a file: a hundred megabytes, and seconds at the start."""
    asked = "import sys; import argosy.ui.verbs.serve; print(*(set(sys.argv[1:]) & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", asked, *HEAVY], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_what_sells_holds_nothing_that_builds() -> None:
    """Whoever is to be erased has his rows looked for by what builds, when it comes to that."""
    asked = "import sys; import argosy.project.selling.parts; print(*(set(sys.argv[1:]) & sys.modules.keys()))"
    heavy = ("scipy.stats", "sklearn", "torch", "argosy.products", "argosy.train")
    done = subprocess.run([sys.executable, "-c", asked, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []

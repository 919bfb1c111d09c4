"""What workers do in tests."""

import os
import sys
from typing import Any

from argosy.core.errors import DataError


def double(task: dict[str, Any]) -> dict[str, Any]:
    """Twice the number, and words that must not get in the way."""
    sys.stdout.write("working\n")
    return {"n": 2 * task["n"], "text": "好\n"}


def refuse(task: dict[str, Any]) -> dict[str, Any]:
    """Refuse the eighth task."""
    if task["n"] == 7:
        raise DataError("{n} is too many.", where="a.csv, row 7", mend="Take less.", n=task["n"])
    return task


def die(task: dict[str, Any]) -> dict[str, Any]:
    """End the process at once."""
    os._exit(3)

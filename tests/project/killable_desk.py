"""A process that answers one message and waits at a moment of it: ``python killable_desk.py URL FOLDER MOMENT``.

It says ``now`` when the answer is ``made`` and not logged, or when it is ``logged`` and not returned.
"""

import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
from desks import house

from argosy.core.support import Asked
from argosy.store.database import Database


def main() -> None:
    """Answer."""
    url, folder, moment = sys.argv[1:]
    found = house(Database(url), Path(folder))
    if moment == "made":
        found.assistant.before = _wait
    found.desk.ask(Asked(id="m1", channel="webhook", peer="p", text="What does shipping cost?"))
    _wait()


def _wait() -> None:
    sys.stdout.write("now\n")
    sys.stdout.flush()
    time.sleep(60)  # until the test kills it here


if __name__ == "__main__":
    main()

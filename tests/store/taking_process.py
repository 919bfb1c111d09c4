"""A process that takes 300 posts of 30 stories in an order of its own: ``python taking_process.py URL FOLDER SEED``."""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from opinion_log_of_tests import NOON, open_log, opinion, take

from argosy.core.errors import BusyError
from argosy.store.database import Database


def main() -> None:
    """Say how many of them were new."""
    url, folder, seed = sys.argv[1:]
    database = Database(url)
    log = open_log(database, Path(folder))
    draw = random.Random(int(seed))
    posts = [opinion(key, f"story-{key % 30} {key}", at=NOON + key) for key in range(300)]
    draw.shuffle(posts)
    new = 0
    while posts:
        count = draw.randint(1, 20)
        try:
            new += len(take(log, *posts[:count]).new)
        except BusyError:
            continue  # the other one writes: once more
        posts = posts[count:]
    database.close()
    sys.stdout.write(str(new))


if __name__ == "__main__":
    main()

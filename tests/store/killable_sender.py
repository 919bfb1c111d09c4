"""A process that sends messages until it is killed: ``python killable_sender.py URL TIME TARGET FILE MOMENT``.

It says ``now`` at the moment of its second message: when it is ``claimed``, or when it was ``received`` and not noted.
"""

import sys
import time
from pathlib import Path

from argosy.store.database import Database
from argosy.store.watching.messages import SqlMessages


def main() -> None:
    """Append the alarms' ids to a file, as a receiver."""
    url, at, target, file, moment = sys.argv[1:]
    messages = SqlMessages(Database(url))
    for number, message in enumerate(messages.due(int(at), target)):
        if number == 1 and moment == "claimed":
            _wait()
        with Path(file).open("a") as received:
            received.write(f"{message.alarm.id}\n")
        if number == 1:
            _wait()
        messages.sent(message, int(at)).result()


def _wait() -> None:
    sys.stdout.write("now\n")
    sys.stdout.flush()
    time.sleep(60)  # until the test kills it here


if __name__ == "__main__":
    main()

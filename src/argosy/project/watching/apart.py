"""A look in a process of its own: who asks the service meanwhile waits for none of it, and its memory is given back.

The process is ``python -m argosy.project.watching.apart TIME``; it reads the project from its standard input, for that
holds the secrets of addresses and of the store.
"""

import logging
import subprocess
import sys
import threading
import traceback

from argosy.core.errors import ArgosyError, MachineError
from argosy.project.selling.shop import Shop, open_store

NAME = "argosy.project.watching.apart"
_NAP = 0.5  # s


def look_apart(shop: Shop, at: int, ended: threading.Event) -> None:
    """Look at the models of a project, unless it is ``ended`` before; raises MachineError with the reason of a failure.

    ``at`` is the time in microseconds since the epoch.
    """
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", NAME, str(at)]
    with subprocess.Popen(command, stdin=pipe, stderr=pipe, text=True, encoding="utf-8") as process:
        said = _said(process, shop.to_json(), ended)
    if process.returncode and not ended.is_set():
        raise MachineError(
            "The look at the models failed: {reason}",
            mend="See more: argosy watch --debug",
            reason=said or f"exit {process.returncode}",
        )


def reason(error: Exception) -> str:
    """Why something failed, on a line; of an error of another kind its place alone, for its words may quote a text."""
    if isinstance(error, ArgosyError):
        return " ".join(str(error).split())
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name}, line {frame.lineno}"


def _said(process: "subprocess.Popen[str]", told: str, ended: threading.Event) -> str:
    """The last line that a process, which is ``told`` something, says before its end."""
    asked: str | None = told
    while True:
        try:
            return process.communicate(asked, timeout=_NAP)[1].strip().rpartition("\n")[2]
        except subprocess.TimeoutExpired:
            asked = None  # it is on its way
            if ended.is_set():
                process.kill()


def main() -> None:
    """Look once."""
    from argosy.project.watching.look import look

    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    shop = Shop.from_json(sys.stdin.buffer.read().decode("utf-8"))
    try:
        with open_store(shop.sell, shop.folder) as database:
            look(shop, database, int(sys.argv[1]))
    except Exception as error:  # noqa: BLE001 - told to the parent, which tells it in its log
        sys.exit(reason(error))


if __name__ == "__main__":
    main()

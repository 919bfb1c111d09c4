"""A shop in a process of its own, to be killed: ``python served_shop.py FOLDER`` tells its address."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shops import stand_in

from argosy.core.records import Prediction
from argosy.infer.engines.echo import EchoEngine
from argosy.serve.running.run import serve
from argosy.serve.settings import Settings


@dataclass
class Slow:
    """An engine that takes its time, and notes in a file what it was asked."""

    asked: Path
    name: str = "slow"
    labels: tuple[str, ...] = ("a", "b")

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """Wait, then answer."""
        time.sleep(0.01)  # the model's work, so that a kill finds requests under way
        with self.asked.open("a") as file:
            file.writelines(f"{text}\n" for text in texts)
        return EchoEngine(labels=self.labels).classify(texts)

    def count(self, text: str) -> int:
        """A token a character."""
        return len(text)


def print_address(address: str) -> None:
    """Say where it answers."""
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until killed."""
    folder = Path(sys.argv[1])
    with stand_in(folder, engines={"mood": Slow(folder / "asked.txt")}) as stand:
        batching = stand.selling.batching
        bounds = replace(batching.bounds, lease=1.0, poll=0.1)
        selling = replace(stand.selling, batching=replace(batching, bounds=bounds))
        settings = Settings(port=0)
        serve(replace(stand, selling=selling).app(settings), settings, print_address)


if __name__ == "__main__":
    main()

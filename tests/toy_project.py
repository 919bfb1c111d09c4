"""A project of three small stages, to be run and killed as a process of its own."""

import sys
from dataclasses import dataclass
from pathlib import Path

from argosy.core.stage import Inputs, Stage, Tell
from argosy.project.building.run import Done, alone, run


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What the stage writes, and how much of it."""

    word: str
    lines: int = 2_000


def write(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Many small writes, so that a kill often lands between two of them."""
    before = "".join((path / "out.txt").read_text() for path in inputs.values())
    with (out / "out.txt").open("w") as file:
        file.write(before)
        for number in range(params.lines):
            file.write(f"{params.word} {number}\n")
            file.flush()
            if number % 500 == 0:
                tell(number / params.lines, params.word)


def stages(*words: str, source: Path | None = None) -> list[Stage[Params]]:
    """A chain of stages; the first one reads ``source``."""
    chain = []
    for index, word in enumerate(words):
        inputs = (f"stage{index - 1}",) if index else ()
        files = {"source": source} if source and not index else {}
        chain.append(Stage(name=f"stage{index}", params=Params(word=word), run=write, inputs=inputs, files=files))
    return chain


def build(folder: Path, chain: list[Stage[Params]], wait: float = -1) -> Done:
    """Run the chain while holding the folder."""
    with alone(folder, wait):
        return run(folder, chain, lambda news: None)


if __name__ == "__main__":
    build(Path(sys.argv[1]), stages("a", "b", "c"))

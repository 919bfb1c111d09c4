"""Three rungs of named-entity recognition, cheapest first, and what each of them says of the test sentences.

- most_frequent: each token gets the tag that it has most often in the training sentences.
- gazetteer: the entities of the training sentences, found again from left to right, the longest first; but for single
  tokens that are more often none.
- linear: logistic regression on hashed features of the tokens around each token; of all sequences of tags the most
  probable one, where the chances of one tag behind another are counted in the training sentences.

The better of the first two on the validation sentences is the best baseline, chosen before the test sentences are read.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import SGDClassifier

from argosy.evaluate.tasks.measure import best_rung
from argosy.evaluate.tasks.spans import spans

METRIC = "entity_f1"
WINDOW = 2
FEATURES = 2**20
LEAST = 1e-6  # the chance of what was never seen
Tokens = list[str]
Tags = list[str]
Tagger = Callable[[Tokens], Tags]


def main() -> None:
    """Write ``FOLDER/<language>.predictions.jsonl`` and say how to score it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path(__file__).parent)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    for train in sorted(given.data.glob("*.train.jsonl")):
        language = train.name.partition(".")[0]
        taggers = fit(read(train), given.seed)
        tokens, truth = zip(*read(given.data / f"{language}.validation.jsonl"), strict=True)
        said = {name: [tagger(one) for one in tokens] for name, tagger in taggers.items() if name != "linear"}
        best = best_rung("tagging", METRIC, truth, said)
        target = given.data / f"{language}.predictions.jsonl"
        write(target, read(given.data / f"{language}.test.jsonl"), taggers)
        named = " ".join(f"--prediction {name}" for name in taggers)
        print(f"argosy evaluate {target} --task tagging --truth tags {named} --best {best}")


def fit(sentences: Sequence[tuple[Tokens, Tags]], seed: int) -> dict[str, Tagger]:
    """The rungs by name."""
    return {
        "most_frequent": most_frequent(sentences),
        "gazetteer": gazetteer(sentences),
        "linear": linear(sentences, seed),
    }


def most_frequent(sentences: Sequence[tuple[Tokens, Tags]]) -> Tagger:
    """Each token's usual tag; a token that is new is no entity."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for tokens, tags in sentences:
        for token, tag in zip(tokens, tags, strict=True):
            counts[token][tag] += 1
    usual = {token: seen.most_common(1)[0][0] for token, seen in counts.items()}
    return lambda tokens: [usual.get(token, "O") for token in tokens]


def gazetteer(sentences: Sequence[tuple[Tokens, Tags]]) -> Tagger:
    """The entities of the training sentences, each of its usual kind."""
    usual = most_frequent(sentences)
    counts: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for tokens, tags in sentences:
        for start, stop, kind in spans(tags):
            counts[tuple(tokens[start:stop])][kind] += 1
    known = {
        name: kinds.most_common(1)[0][0] for name, kinds in counts.items() if len(name) > 1 or usual([*name]) != ["O"]
    }
    longest = max(map(len, known), default=0)

    def tag(tokens: Tokens) -> Tags:
        tags, at = ["O"] * len(tokens), 0
        while at < len(tokens):
            sizes = range(min(longest, len(tokens) - at), 0, -1)
            size = next((size for size in sizes if tuple(tokens[at : at + size]) in known), 0)
            if size:
                kind = known[tuple(tokens[at : at + size])]
                tags[at : at + size] = [f"B-{kind}", *[f"I-{kind}"] * (size - 1)]
            at += max(size, 1)
        return tags

    return tag


def linear(sentences: Sequence[tuple[Tokens, Tags]], seed: int) -> Tagger:
    """Logistic regression over windows of tokens, decoded by Viterbi's algorithm."""
    hasher = FeatureHasher(n_features=FEATURES, input_type="string", alternate_sign=False)
    rows = hasher.transform(row for tokens, _ in sentences for row in windows(tokens))
    model = SGDClassifier(loss="log_loss", alpha=1e-6, max_iter=8, tol=None, random_state=seed, average=True)
    model.fit(rows, [tag for _, tags in sentences for tag in tags])
    model.coef_ = np.asfortranarray(model.coef_)  # else scikit-learn copies its transpose for every sentence
    names = list(model.classes_)
    steps = chances([tags for _, tags in sentences], names)

    def tag(tokens: Tokens) -> Tags:
        if not tokens:
            return []
        scores = np.log(model.predict_proba(hasher.transform(windows(tokens))) + LEAST)
        return [names[place] for place in likeliest(scores, steps)]

    return tag


def windows(tokens: Tokens) -> Iterator[list[str]]:
    """What is seen of each token: itself, its ends, its shape, its neighbours, and pairs of neighbours."""
    far = WINDOW + 1
    padded = ["<"] * far + tokens + [">"] * far
    for at in range(far, far + len(tokens)):
        token = padded[at]
        near = {step: padded[at + step] for step in range(-WINDOW, WINDOW + 1)}
        yield [
            *(f"{step}={word}" for step, word in near.items()),
            *(f"{step}s={shape(word)}" for step, word in near.items()),
            *(f"{step}+={padded[at + step]} {padded[at + step + 1]}" for step in range(-WINDOW, WINDOW)),
            *(f"start={token[:size]}" for size in (2, 3)),
            *(f"end={token[-size:]}" for size in (2, 3)),
        ]


def shape(word: str) -> str:
    """Capitals, small letters, digits and other signs, each run of them once.

    >>> shape("McDonald's"), shape("1,200"), shape("国")
    ('XxXx-x', '0-0', '文')
    """
    signs = ["0" if c.isdigit() else "X" if c.isupper() else "x" if c.islower() else _other(c) for c in word]
    return "".join(sign for at, sign in enumerate(signs) if at == 0 or signs[at - 1] != sign)


def _other(character: str) -> str:
    return "文" if character.isalpha() else "-"


def chances(sequences: Sequence[Tags], names: Sequence[str]) -> np.ndarray:
    """Logarithms of P(tag, given the one before) / P(tag) [before, tag], since the model knows P(tag) already."""
    place = {name: number for number, name in enumerate(names)}
    counts = np.full((len(names), len(names)), LEAST)
    for tags in sequences:
        for before, now in pairwise(tags):
            counts[place[before], place[now]] += 1
    joint = counts / counts.sum()
    return np.asarray(np.log(joint) - np.log(joint.sum(axis=1, keepdims=True)) - np.log(joint.sum(axis=0)))


def likeliest(scores: np.ndarray, steps: np.ndarray) -> list[int]:
    """The best way through the scores [tokens, tags]."""
    best, back = scores[0], []
    for row in scores[1:]:
        ways = best[:, None] + steps
        back.append(ways.argmax(axis=0))
        best = ways.max(axis=0) + row
    way = [int(best.argmax())]
    for before in reversed(back):
        way.append(int(before[way[-1]]))
    return way[::-1]


def read(path: Path) -> list[tuple[Tokens, Tags]]:
    """The sentences of a file."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row["tokens"], row["tags"]) for row in rows]


def write(path: Path, sentences: Sequence[tuple[Tokens, Tags]], taggers: dict[str, Tagger]) -> None:
    """The sentences with what each rung says."""
    with path.open("w", encoding="utf-8") as file:
        for tokens, tags in sentences:
            said = {name: tagger(tokens) for name, tagger in taggers.items()}
            row = {"text": "".join(tokens) if len("".join(tokens)) == len(tokens) else " ".join(tokens)}
            file.write(json.dumps({**row, "tags": tags, **said}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

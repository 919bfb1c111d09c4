"""Labels of generated text, as China's marking rules ask since 2025-09-01.

The rules: the Measures for Labelling AI-Generated Synthetic Content (人工智能生成合成内容标识办法) and GB 45438-2025.
The implicit label is the standard's metadata object, whose key is ``AIGC``, here in the answer's body and in its head;
the explicit label is words that a person reads. An interface has no page to show them on, so by default they stand
beside the text in a key of their own (``beside``), to be shown by whoever shows the text; ``inside`` writes them at
the end of the text itself, for services that hand it on as it is. The default breaks no client that reads the text as
JSON or code. Not covered: that a client shows the words, the terms of service that must tell of the labels, checks of
uploads by a platform, watermarks, and files that a client makes of a text.
"""

import json
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

Where = Literal["beside", "inside", "off"]
HEADER = "x-aigc"
PRODUCER = "argosy"
WORDS = "由AI生成 / AI-generated"
_GENERATED: Literal["1"] = "1"  # GB 45438-2025, appendix E: 1 is, 2 may be, 3 is suspected to be


class Aigc(BaseModel):
    """That a text was generated, by whom, and under which number: the metadata of GB 45438-2025."""

    Label: Literal["1"] = _GENERATED
    ContentProducer: str
    ProduceID: str
    ReservedCode1: str = ""
    ContentPropagator: str = ""
    PropagateID: str = ""
    ReservedCode2: str = ""


class Marked(BaseModel):
    """The labels of a generated text: ``label`` is the words that a person is to see beside it."""

    label: str | None = Field(default=None)
    AIGC: Aigc | None = Field(default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """How a service labels what it generates; ``producer`` is the provider's name or its code of the register."""

    where: Where = "beside"
    words: str = WORDS
    producer: str = PRODUCER

    def of(self, event: str) -> Marked:
        """The labels of one answer."""
        if self.where == "off":
            return Marked()
        return Marked(label=self.words, AIGC=Aigc(ContentProducer=self.producer, ProduceID=event))

    def tail(self) -> str:
        """What stands at the end of a text."""
        return f"\n\n{self.words}" if self.where == "inside" else ""

    def headers(self, event: str) -> dict[str, str]:
        """The implicit label in an answer's head."""
        aigc = self.of(event).AIGC
        return {HEADER: json.dumps({"AIGC": aigc.model_dump()}, ensure_ascii=True)} if aigc else {}

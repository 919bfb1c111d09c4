"""The table ``[support]`` of the project file."""

from typing import Literal

from pydantic import Field

from argosy.config.table import Table


class Support(Table):
    """How an assistant learns from service dialogues and documents, and when it answers."""

    documents: list[str] = Field(
        [],
        description="Globs of documents to answer from: Markdown, HTML, TXT, PDF, DOCX; XLSX of questions and answers.",
    )
    dialogue: str = Field("dialogue", description="The column that tells which dialogue a turn belongs to.")
    speaker: str = Field("speaker", description="The column that tells who speaks.")
    agents: list[str] = Field(
        [],
        description="Those speakers who are people of yours; the usual words, such as `agent` or `客服`, unless set.",
    )
    robots: list[str] = Field(
        [], description="Those speakers who are machines: nothing is learnt from them; the usual words unless set."
    )
    max_wrong: float = Field(
        0.05, gt=0, lt=1, description="Share of wrong answers that you accept among those the assistant gives."
    )
    confidence: float = Field(0.95, gt=0.5, lt=1, description="How sure that share must be kept to.")
    out_of_scope: float = Field(
        0.2, ge=0, lt=1, description="Largest share of questions without any answer here that the promise covers."
    )
    approved_only: bool = Field(
        False, description="Give no mined answer before somebody approved it; documents are quoted all the same."
    )
    stale_days: int = Field(
        0, ge=0, description="Days after which an answer that nobody gave again counts as expired; 0: never."
    )
    rewrite: str | None = Field(
        None,
        description="A model of `[serve] models` that words composed answers anew; kept where the sources say it all.",
    )
    keep_days: int = Field(90, ge=1, le=3650, description="Days after which conversations are removed.")
    person_per_minute: float = Field(
        1.0,
        ge=0,
        description="What a minute of a person costs, in the currency of `[cost]`; an assumption until you name yours.",
    )
    minutes: float = Field(
        4.0, gt=0, description="A person's minutes for a question; an assumption until you name yours."
    )
    origins: list[str] = Field([], description="Sites that may show the widget, such as `https://shop.example`.")
    bots: str = Field(
        ".argosy/bots.toml",
        description="The file of secrets of robots and webhooks, which its owner alone may read.",
    )
    webhook: str | None = Field(
        None, pattern=r"^https?://[^\s#]+$", description="Where a signed message goes when a person is needed."
    )
    language: Literal["en", "zh"] | None = Field(
        None, description="The language of what the assistant says of itself; that of each question unless set."
    )

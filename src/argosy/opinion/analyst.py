"""Reads opinions out of posts: language, sentiment, topic, and what is felt about each entity that is named."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from argosy.core.engine import Classifier
from argosy.core.opinion import OTHER, SENTIMENTS, Opinion, Post
from argosy.core.records import Prediction
from argosy.data.language import detect
from argosy.opinion.entities.felt import Chances, felt
from argosy.opinion.entities.find import Entities

_LONGEST = 20_000  # characters of a text that are read and kept
_BATCH = 256  # texts that the models are asked at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The Analyst over two classifiers: ``sentiment`` and, where there are topics, ``topic``.

    ``clean`` takes personal data out of a text, ``pseudonym`` gives an author another name. A topic whose chance is
    below ``sure`` is none. ``weights`` are those of sources, 1 unless named.
    """

    sentiment: Classifier
    topic: Classifier | None
    clean: Callable[[str], str]
    pseudonym: Callable[[str], str]
    languages: Sequence[str]
    entities: Entities
    sure: float
    version: str
    weights: Mapping[str, float] = field(default_factory=dict)

    def read(self, posts: Sequence[Post]) -> list[Opinion]:
        """One opinion a post, in their order."""
        texts = [self.clean(joined(post)) for post in posts]
        spoken = detect(texts, self.languages)
        ask = chances_by(self.sentiment)
        whole = ask(texts)
        named = felt(texts, [self.entities.find(text) for text in texts], ask, whole)
        topics = self._topics(texts)
        return [
            Opinion(
                post=self._nameless(post, text),
                text=text,
                language=language,
                chances=chances,
                topic=topic,
                sure=sure,
                about=some,
                weight=self.weights.get(post.source, 1.0),
                version=self.version,
            )
            for post, text, language, chances, some, (topic, sure) in zip(
                posts, texts, spoken, whole, named, topics, strict=True
            )
        ]

    def chances(self, texts: Sequence[str]) -> list[Mapping[str, float]]:
        """The chance of each sentiment, by text."""
        return [{one: said.probabilities.get(one, 0.0) for one in SENTIMENTS} for said in _asked(self.sentiment, texts)]

    def _nameless(self, post: Post, text: str) -> Post:
        """The post as it is kept: nobody is named in it."""
        author = self.pseudonym(post.author) if post.author else ""
        title = self.clean(post.title) if post.title else ""
        return replace(post, text=text, title=title, author=author)

    def _topics(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        if self.topic is None:
            return [(OTHER, 1.0)] * len(texts)
        said = _asked(self.topic, texts)
        return [(one.label if one.probabilities[one.label] >= self.sure else OTHER, _chance(one)) for one in said]


def chances_by(engine: Classifier) -> Chances:
    """Asks a classifier for the chance of each sentiment, by text."""

    def ask(texts: Sequence[str]) -> list[Mapping[str, float]]:
        return [{one: said.probabilities.get(one, 0.0) for one in SENTIMENTS} for said in _asked(engine, texts)]

    return ask


def joined(post: Post) -> str:
    """The title and the text of a post as one text, the title once; cut where it is longer than anybody reads."""
    text = post.text.strip()
    title = "" if text.startswith(post.title.strip()) else post.title.strip()
    return (f"{title}\n{text}" if title else text)[:_LONGEST]


def _chance(said: Prediction) -> float:
    return float(said.probabilities[said.label])


def _asked(engine: Classifier, texts: Sequence[str]) -> list[Prediction]:
    return [said for start in range(0, len(texts), _BATCH) for said in engine.classify(texts[start : start + _BATCH])]

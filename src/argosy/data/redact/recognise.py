"""Recognisers of names and addresses: they guess, where the rules know, so none is used unless one is handed in.

Chinese names come from a segmenter's dictionary and its tags (rjieba); English names and places from Presidio with a
spaCy model, which is chosen and installed by whoever wants it. No recogniser here finds Chinese addresses.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from argosy.core.errors import MissingError
from argosy.data.redact.spans import Recognise, Span

_HAN = re.compile("[\u4e00-\u9fff]")
SEGMENTER = "rjieba"
_KINDS = {"PERSON": "name", "LOCATION": "address"}


@cache
def recogniser(names: tuple[str, ...]) -> Recognise | None:
    """What these names stand for together: ``rjieba``, and spaCy models for Presidio such as ``en:en_core_web_sm``."""
    models = dict(name.split(":", 1) for name in names if ":" in name)
    found = [chinese_names()] if SEGMENTER in names else []
    found += [presidio(models)] if models else []
    return together(*found) if found else None


def together(*recognisers: Recognise) -> Recognise:
    """One recogniser that finds what any of these finds."""
    return lambda text: [span for recognise in recognisers for span in recognise(text)]


def chinese_names() -> Recognise:
    """Chinese names by the tags of rjieba; raises MissingError where it is not installed."""
    tag: Callable[[str], list[tuple[str, str]]] = _package(SEGMENTER).tag
    return lambda text: _tagged(tag(text)) if _HAN.search(text) else ()


def presidio(models: Mapping[str, str]) -> Recognise:
    """Names and places by Presidio; ``models`` names an installed spaCy model a language, such as ``en_core_web_sm``.

    A text with Chinese characters is read by the model for ``zh``; where there is none, the model for ``en`` reads it
    and only what it finds between those characters counts.
    Raises MissingError where Presidio or a model is not installed; nothing is downloaded.
    """
    analyzer, engines, own = (
        _package(f"presidio_analyzer{part}") for part in ("", ".nlp_engine", ".predefined_recognizers")
    )
    for name in models.values():
        _is_there(name)
    listed = [{"lang_code": language, "model_name": name} for language, name in models.items()]
    engine = engines.NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": listed}).create_engine()
    registry = analyzer.RecognizerRegistry(
        recognizers=[own.SpacyRecognizer(supported_language=language) for language in models],
        supported_languages=[*models],
    )
    analyse = analyzer.AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[*models]).analyze

    def recognise(text: str) -> Iterable[Span]:
        language = "zh" if "zh" in models and _HAN.search(text) else "en"
        if language not in models:
            return ()
        found = analyse(text, language=language, entities=[*_KINDS])
        spans = [Span(start=one.start, end=one.end, kind=_KINDS[one.entity_type]) for one in found]
        return [span for span in spans if language == "zh" or not _HAN.search(text, span.start, span.end)]

    return recognise


def _tagged(words: Iterable[tuple[str, str]]) -> Iterator[Span]:
    place = 0
    for word, kind in words:
        if kind.startswith("nr") and len(word) > 1:
            yield Span(start=place, end=place + len(word), kind="name")
        place += len(word)


def _is_there(model: str) -> None:
    """Raise MissingError unless the spaCy model is installed: Presidio would download it unasked."""
    if not (_package("spacy").util.is_package(model) or Path(model).exists()):
        raise MissingError(
            "The spaCy model {name!r} is not installed.",
            mend="Install it beside spaCy, or name one that is there: python -m spacy download {name}",
            name=model,
        )


def _package(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingError(
            "The package {name!r} is not installed.", mend="pip install 'argosy[names]'", name=name.partition(".")[0]
        ) from error

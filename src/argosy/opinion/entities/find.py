"""Who is named in a text: names, aliases and tickers of known entities, by the longest match.

Names are compared in NFKC, lower case and simplified characters. One in an alphabet stands between word boundaries; its
possessive and its plural count. One in Chinese may stand anywhere. A ticker counts where it is written as one.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from argosy.data.script import folding

Spans = tuple[tuple[int, int], ...]
_WIDE = "\u2e80"  # the character from which scripts are written without spaces
_KEY = 2  # characters by which names are looked up
_SHOUTED = 2  # letters of a name of capitals, such as GE, that is written in capitals alone
_SPOKEN = 3  # letters of a ticker that may stand alone, in capitals
_PIECE = re.compile(r"\s+|.[\u0300-\u036f]*", re.DOTALL)
_UNEVEN = re.compile(r"\s\s|[^\S ]")
_EXCHANGES = {"ss": "sh", "sehk": "hk", "hkex": "hk", "hkg": "hk", "sha": "sh", "she": "sz", "sse": "sh", "szse": "sz"}
_ANY = "*"  # the exchange of a ticker that was given without one
_PLACES = "HK|SH|SS|SZ|BJ|TW|TWO|KS|KQ|T|L|N|O|OQ|US|SI|DE|PA|AX|TO"
_TICKER = re.compile(
    rf"\$(?P<dollar>[A-Za-z]{{1,6}}(?:[.-][A-Za-z]{{1,2}})?)(?![A-Za-z])"
    rf"|(?<![A-Za-z\d.])(?P<code>\d{{1,6}}|[A-Z]{{1,6}})\.(?P<at>{_PLACES})(?![A-Za-z\d])"
    rf"|(?<![A-Za-z\d])(?P<before>SH|SZ|HK|BJ)[:.\uff1a]?(?P<number>\d{{4,6}})(?!\d)"
    rf"|(?<![A-Za-z])(?P<exchange>NYSE|NASDAQ|SEHK|HKEX|HKG|SHA|SHE|SSE|SZSE|LON|TSE)\s?[:\uff1a]\s?(?P<listed>[A-Z]{{1,6}}|\d{{1,6}})(?![A-Za-z\d])"
    rf"|[（(]\s*(?P<bracket>(?!(?:19|20)\d\d\D)\d{{4,6}})\s*[）)]"
    rf"|(?<![A-Za-z\d$.])(?P<bare>[A-Z]{{{_SPOKEN},6}}(?:\.[A-Z])?)(?![A-Za-z\d])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An entity and all it goes by; ``renamed`` is what it is called from a day (ISO) on, ``unless`` what is not it."""

    name: str
    aliases: Sequence[str] = ()
    tickers: Sequence[str] = ()
    unless: Sequence[str] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)


class _Form(NamedTuple):
    """A name as it is compared, whose it is (nobody's: a phrase that means something else), and as it was given."""

    folded: str
    entities: tuple[str, ...]
    given: str


class Entities:
    """Finds entities; made once of all of them, and used by any thread."""

    def __init__(self, named: Sequence[Named]) -> None:
        """Of these entities; a name that several go by is each one's."""
        self._named = {one.name: one for one in named}
        owners: dict[str, tuple[str, dict[str, None]]] = {}
        for one in named:
            for given in (one.name, *one.aliases, *one.renamed.values()):
                if given.strip():
                    owners.setdefault(_folded(given.strip())[0], (given.strip(), {}))[1][one.name] = None
        for one in named:
            for given in filter(str.strip, one.unless):
                owners.setdefault(_folded(given.strip())[0], (given.strip(), {}))
        self._forms: dict[str, list[_Form]] = {}
        for folded in sorted(owners, key=len, reverse=True):
            given, whose = owners[folded]
            self._forms.setdefault(folded[:_KEY], []).append(_Form(folded, tuple(whose), given))
        self._single = any(len(key) < _KEY for key in self._forms)
        self._tickers: dict[str, list[str]] = {}
        for one in named:
            for ticker in one.tickers:
                for key in _keys(ticker):
                    self._tickers.setdefault(key, []).append(one.name)

    @classmethod
    def of(cls, plain: Mapping[str, Mapping[str, Any]]) -> "Entities":
        """Of plain values by name: ``aliases``, ``tickers``, ``unless``, ``renamed``, as the project file has them."""
        return cls([Named(name=name, **fields) for name, fields in plain.items()])

    def find(self, text: str) -> list[tuple[str, Spans]]:
        """The entities that a text names, in the order they are first named, each with begin and end of its mentions.

        >>> entities = Entities([Named(name="Apple", tickers=["AAPL"], unless=["Apple Bank"])])
        >>> entities.find("Apple's $AAPL, no pineapple, no Apple Bank")
        [('Apple', ((0, 5), (8, 13)))]
        """
        hits = [*self._names(text)]
        if self._tickers:
            taken = [(begin, end) for begin, end, _ in hits]
            hits += [
                hit for hit in self._symbols(text) if not any(hit[0] < end and begin < hit[1] for begin, end in taken)
            ]
        found: dict[str, list[tuple[int, int]]] = {}
        for begin, end, entities in sorted(hits):
            for entity in entities:
                found.setdefault(entity, []).append((begin, end))
        return [(entity, tuple(spans)) for entity, spans in found.items()]

    def called(self, entity: str, day: date) -> str:
        """What an entity is called on a day: its name, or the last one that it took; unknown ones as they are."""
        one = self._named.get(entity)
        taken = [(since, name) for since, name in one.renamed.items() if since <= day.isoformat()] if one else []
        return max(taken)[1] if taken else entity

    def _names(self, text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        folded, places = _folded(text)
        forms, at, last = self._forms, 0, len(folded)
        while at < last:
            some = forms.get(folded[at : at + _KEY], ())
            if self._single:
                some = (*some, *forms.get(folded[at], ()))
            for form in some:
                end = at + len(form.folded)
                begin_there, end_there = (places[at], places[end]) if places and end <= last else (at, end)
                if folded.startswith(form.folded, at) and _stands(folded, at, end, form, text[begin_there:end_there]):
                    yield begin_there, end_there, form.entities
                    at = end - 1
                    break
            at += 1

    def _symbols(self, text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        for hit in _TICKER.finditer(text):
            parts = {name: part for name, part in hit.groupdict().items() if part}
            for key in _written(parts):
                if key in self._tickers:
                    yield hit.start(), hit.end(), tuple(dict.fromkeys(self._tickers[key]))
                    break


def _folded(text: str) -> tuple[str, list[int]]:
    """The text as it is compared, and where each character of that, and its end, stands in the text; none if there."""
    table = folding()
    simple = text.translate(table).lower()
    if len(simple) == len(text) and not _UNEVEN.search(text) and unicodedata.is_normalized("NFKC", simple):
        return simple, []
    pieces: list[str] = []
    places: list[int] = []
    for hit in _PIECE.finditer(text):
        piece = " " if hit[0].isspace() else unicodedata.normalize("NFKC", hit[0]).translate(table).lower()
        pieces.append(piece)
        places += [hit.start()] * len(piece)
    return "".join(pieces), [*places, len(text)]


def _stands(folded: str, at: int, end: int, form: _Form, there: str) -> bool:
    """Whether a name stands there as words of its own, and in capitals where it is made of two."""
    first, last = form.folded[0], form.folded[-1]
    if at and first < _WIDE and first.isalnum() and folded[at - 1].isalnum() and folded[at - 1] < _WIDE:
        return False
    if len(form.given) <= _SHOUTED and form.given.isascii() and form.given.isupper() and not there.isupper():
        return False
    if last >= _WIDE or not last.isalnum() or end >= len(folded):
        return True
    rest = folded[end : end + 3]
    for more in ("'s", "\u2019s", "s", ""):
        if rest.startswith(more):
            after = rest[len(more) : len(more) + 1]
            if not after.isalnum() or after >= _WIDE:
                return True
    return False


def _keys(ticker: str) -> list[str]:
    """By what a ticker of an entity is looked up: in an exchange, and where its exchange is not said."""
    symbol = ticker.strip().lstrip("$").lower()
    code, dot, place = symbol.rpartition(".")
    if dot and code.isdecimal():
        number = code.lstrip("0")
        return [f"{number}.{_EXCHANGES.get(place, place)}", number]
    return [symbol.lstrip("0"), f"{symbol.lstrip('0')}.{_ANY}"] if symbol.isdecimal() else [symbol]


def _written(parts: Mapping[str, str]) -> list[str]:
    """By what a ticker that stands in a text is looked up, the surest first."""
    code = next(parts[name] for name in ("dollar", "code", "number", "listed", "bracket", "bare") if name in parts)
    place = next((parts[name].lower() for name in ("at", "before", "exchange") if name in parts), "")
    if not code.isdecimal():
        return [f"{code.lower()}.{place}", code.lower()] if place else [code.lower()]
    number = code.lstrip("0")
    return [f"{number}.{_EXCHANGES.get(place, place)}", f"{number}.{_ANY}"] if place else [number]

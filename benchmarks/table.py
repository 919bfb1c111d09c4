"""The table of every claim: its goal beside what is reached, in two languages, from the stored results alone."""

import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import stored
from benchmarks.claim import Bound, Claim, Figure, Found, Words, at, plain
from benchmarks.claims import CLAIMS, ROOMS
from benchmarks.measuring import ROOT

from argosy.evaluate.intervals import wilson
from argosy.report.numbers import count, interval, percent, percents, points, rounded

PAGES: Mapping[str, Path] = {code: ROOT / "docs" / code / "benchmarks.md" for code in Words._fields}
WORDS: Mapping[str, Words] = {
    "title": Words("Benchmarks", "基准测试"),
    "intro": Words(
        "Every claim with its goal, and what was reached: written by `make bench` from the results in"
        " `benchmarks/results`, none of it typed. A result is measured again when the code that it hangs on,"
        " the machine or the versions change; `python -m benchmarks --list` says which these are."
        " In square brackets stand 95 % intervals; in round ones the lowest and the highest round."
        " Of several figures the worst is held against the goal.",
        "每项说法的目标与达到的数字：由 `make bench` 根据 `benchmarks/results` 中的结果写出，没有手填的数字。"
        "所依赖的代码、机器或版本变化时重新测量；`python -m benchmarks --list` 列出哪些需要重测。"
        "方括号内是 95% 置信区间，圆括号内是最低与最高的一轮。有多个数字时，以最差的对照目标。",
    ),
    "goals": Words("Goals", "目标"),
    "claim": Words("claim", "说法"),
    "figure": Words("figure", "数字"),
    "goal": Words("goal", "目标"),
    "stretch": Words("better still", "更高目标"),
    "reached": Words("reached", "达到"),
    "": Words("", ""),
    "stretched": Words("★ better still", "★ 更高目标"),
    "held": Words("✓", "✓"),
    "short": Words("✗ short", "✗ 未达到"),
    "unknown": Words("not measured yet", "尚未测量"),
    "against": Words("against", "对比"),
    "day": Words("commit, day, machine", "提交、日期、机器"),
    "yes": Words("yes", "是"),
    "no": Words("no", "否"),
    "summary": Words(
        "{held} of {all} goals are reached, {stretched} of them with what is better still; {short} fall short;"
        " {unknown} are not measured yet.",
        "{all} 个目标中达到 {held} 个，其中 {stretched} 个达到更高目标；{short} 个未达到；{unknown} 个尚未测量。",
    ),
    "further": Words("further figures", "其他数字"),
    "run": Words("script: {}; against: {}.", "脚本：{}；对比：{}。"),
    "machines": Words("Machines and versions", "机器与版本"),
    "machine": Words(
        "{name}: {processor}, {cores} cores, {memory_gb} GB, {instructions}, {system}.",
        "{name}：{processor}，{cores} 核，{memory_gb} GB，{instructions}，{system}。",
    ),
    "versions": Words("Versions: {}.", "版本：{}。"),
}
SIGNS = {">=": "≥", "<=": "≤", "=": "="}
TOGETHER = "\N{NO-BREAK SPACE}"  # a number and its unit stand on one line
_FINE = 0.0001  # a share or gap below this is told by its power of ten


def write() -> tuple[Path, ...]:
    """Write both pages."""
    for code, page in PAGES.items():
        page.write_text(render(code), encoding="utf-8")
    return tuple(PAGES.values())


def render(code: str) -> str:
    """The page in one language."""
    results = {name: stored.read(name) for name in CLAIMS}
    letters = _letters(found for found in results.values() if found)
    say = _sayer(code)
    parts = [f"# {say('title')}", say("intro"), f"## {say('goals')}", _summary(results, code)]
    parts += [_table(_head(code), _goals(results, letters, code))]
    for room, claims in ROOMS.items():
        parts += [f"## {_in(room, code)}", *(_section(claim, results[claim.name], code) for claim in claims)]
    machines = [say("machine").format(name=letter, **dict(place)) for place, letter in letters.items()]
    versions = say("versions").format(_versions(found for found in results.values() if found))
    return "\n\n".join([*parts, f"## {say('machines')}", *machines, versions]) + "\n"


def verdict(figure: Figure, result: Found | None) -> str:
    """``stretched``, ``held``, ``short`` or ``unknown``."""
    if result is None or not figure.found(result):
        return "unknown"
    value = plain(figure.worst(result))
    if figure.stretch and Bound.of(figure.stretch).holds(value):
        return "stretched"
    return "held" if figure.goal and Bound.of(figure.goal).holds(value) else "short"


def shown(figure: Figure, result: Found, code: str) -> str:
    """A figure as it is read, with its interval or its rounds where it has them."""
    found = figure.found(result)
    if not found:
        return "–"
    if figure.goal or len(found) == 1:
        told = _one(figure, figure.worst(result), result, code)
    else:
        told = " – ".join(_one(figure, value, result, code) for value in (min(found, key=plain), max(found, key=plain)))
    rounds = list(at(result, f"{figure.rounds}/*")) if figure.rounds else []
    return told + (f" ({rounded(min(rounds), 3)} – {rounded(max(rounds), 3)})" if rounds else "")


def _one(figure: Figure, value: Any, result: Found, code: str) -> str:
    if isinstance(value, bool):
        return _sayer(code)("yes" if value else "no")
    if isinstance(value, Mapping):
        return _with_interval(figure, value)
    if figure.unit == "%":
        trials = next(iter(at(result, figure.of)), 0) if figure.of else 0
        return percents(asdict(wilson(round(value * trials), trials))) if trials else percent(value)
    return _number(value, figure.unit)


def _with_interval(figure: Figure, value: Mapping[str, float]) -> str:
    if "difference" in value:
        told = (points(value[end]) for end in ("difference", "low", "high"))
        return "{} [{}, {}]".format(*told)
    return percents(value) if figure.unit == "%" else interval(value)


def _number(value: float, unit: str) -> str:
    if isinstance(value, int) or (value == int(value) and not unit):
        told = count(value)
    elif abs(value) < _FINE:
        told = f"{value:.1e}"
    else:
        told = rounded(value, 3)
    return TOGETHER.join(filter(None, (told, unit)))


def _bound(figure: Figure, text: str, code: str) -> str:
    """A bound in the unit of its figure."""
    if not text:
        return "–"
    bound = Bound.of(text)
    if figure.unit == "truth":
        return _sayer(code)("yes")
    if figure.unit == "points":
        return f"{SIGNS[bound.sign]} {points(bound.number)}"
    if figure.unit == "%":
        return f"{SIGNS[bound.sign]} {bound.number * 100:g}{TOGETHER}%"
    whole = int(bound.number) if bound.number == int(bound.number) else bound.number
    unit = "" if figure.unit == "auto" else figure.unit
    return f"{SIGNS[bound.sign]} {TOGETHER.join(filter(None, (f'{whole:,}', unit)))}"


def _goals(results: Mapping[str, Found | None], letters: Mapping[Any, str], code: str) -> Iterator[list[str]]:
    for claim in CLAIMS.values():
        result = results[claim.name]
        for number, figure in enumerate(claim.goals):
            state = verdict(figure, result)
            reached = shown(figure, result, code) if result else "–"
            bounds = (_bound(figure, figure.goal, code), _bound(figure, figure.stretch, code))
            first = (
                [f"[{_in(claim.says, code)}](#{_anchor(claim, code)})", _in(claim.against, code)]
                if not number
                else ["", ""]
            )
            yield [
                first[0],
                _in(figure.what, code),
                *bounds,
                reached,
                _sayer(code)(state),
                first[1],
                "" if number else _when(result, letters),
            ]


def _head(code: str) -> list[str]:
    return [_sayer(code)(name) for name in ("claim", "figure", "goal", "stretch", "reached", "", "against", "day")]


def _when(result: Found | None, letters: Mapping[Any, str]) -> str:
    return f"{result['commit']}, {result['date']}, {letters[_place(result)]}" if result else "–"


def _section(claim: Claim, result: Found | None, code: str) -> str:
    """One claim: its script, its further figures, its lists."""
    say = _sayer(code)
    title = f"({_anchor(claim, code)})=\n### {_in(claim.says, code)}"
    script = say("run").format(f"`benchmarks/{claim.script.replace('.', '/')}.py`", _in(claim.against, code))
    if result is None:
        return "\n\n".join([title, script, say("unknown")])
    rest = [
        [_in(figure.what, code), shown(figure, result, code)] for figure in claim.figures if figure not in claim.goals
    ]
    parts = [title, script]
    if rest:
        parts.append(_table([say("further"), say("reached")], rest))
    for one in claim.lists:
        parts += [
            f"**{_in(one.title, code)}**",
            _table([_in(column, code) for column in one.columns], one.rows(result)),
        ]
    return "\n\n".join(parts)


def _summary(results: Mapping[str, Found | None], code: str) -> str:
    states = [verdict(figure, results[claim.name]) for claim in CLAIMS.values() for figure in claim.goals]
    counts = {state: states.count(state) for state in ("stretched", "short", "unknown")}
    held = states.count("held") + counts["stretched"]
    return _sayer(code)("summary").format(all=len(states), held=held, **counts)


def _letters(results: Iterable[Found]) -> dict[Any, str]:
    """A letter for each machine, in the order of their first results."""
    places = dict.fromkeys(_place(result) for result in results)
    return dict(zip(places, string.ascii_uppercase, strict=False))


def _place(result: Found) -> tuple[tuple[str, Any], ...]:
    return tuple(result["machine"].items())


def _versions(results: Iterable[Found]) -> str:
    """Every package with the versions that results were measured with."""
    known: dict[str, set[str]] = {}
    for result in results:
        for name, version in result["versions"].items():
            known.setdefault(name, set()).add(version)
    return ", ".join(f"{name} {' / '.join(sorted(versions))}" for name, versions in sorted(known.items()))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))


def _anchor(claim: Claim, code: str) -> str:
    return f"bench-{code}-{claim.name.replace('_', '-')}"


def _in(words: Words, code: str) -> str:
    return str(getattr(words, code))


def _sayer(code: str) -> Callable[[str], str]:
    return lambda name: _in(WORDS[name], code)

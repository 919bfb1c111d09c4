"""The screen of a watched model in the terminal: alarms, quality, traffic, drift, texts and answers, in this order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from argosy.core.signals import Translate, signal_figure, signal_name, slice_name
from argosy.report.numbers import count, interval, p_value, percent

Found = Mapping[str, Any]
NOTHING = "–"
_KEY = "bold cyan"
_BARS = "▁▂▃▄▅▆▇█"
_CELLS = 28  # of a row of bars
_WIDE, _NARROW = 120, 72  # columns of a terminal that has room for the bars, for the usual values
_MICROSECONDS = 1_000_000
_HOUR = 3600 * _MICROSECONDS
_PARTS = 3  # slices that an alarm names
_GROUPS = (
    ("traffic", ("traffic", "errors", "refused", "latency_p50", "latency_p95", "cost", "hits", "texts_per_request")),
    ("texts", ("length", "language", "unknown")),
    ("answers", ("label", "confidence", "abstained")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A model's look as it is shown: in the reader's language, times in ``zone``."""

    found: Found
    at: int
    t: Translate
    zone: tzinfo = UTC

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """All of it; a signal's bars, then its usual values, are left out where they find no room."""
        groups, width = dict(_GROUPS), options.max_width
        yield self._head()
        yield _facts([*self._alarms(), *self._quality()])
        yield self._signals(self.t("traffic"), groups["traffic"], width)
        yield _facts(list(self._drift()))
        yield self._signals(self.t("texts"), groups["texts"], width)
        yield self._signals(self.t("answers"), groups["answers"], width)
        yield _facts(list(self._lacks()))

    def _head(self) -> Table:
        version = self.t("version {version}").format(version=self.found["version"]) if self.found["version"] else ""
        told = self.t("looked at {time}, periods of {minutes} minutes").format(
            time=self._time(self.at), minutes=self.found["every"] // (60 * _MICROSECONDS)
        )
        name = " · ".join(filter(None, (self.found["model"], version)))
        head = Table.grid(expand=True, padding=(0, 2))
        head.add_column(ratio=1, min_width=cell_len(name))
        head.add_column(justify="right")
        head.add_row(Text(name, "bold"), Text(told, "dim"))
        return head

    def _alarms(self) -> Iterator[tuple[str, Text]]:
        alarms = self.found["alarms"]
        said = self.t("{open} open; {recent} opened in 30 days, in which you accept {accepted} false ones")
        told = said.format(
            open=count(len(alarms)),
            recent=count(self.found["alarms_30_days"]),
            accepted=f"{self.found['false_alarms']:g}",
        )
        yield self.t("alarms"), Text(told, "bold red" if alarms else "bold green")
        for alarm in alarms:
            yield "", Text(self._alarm(alarm))

    def _alarm(self, alarm: Found) -> str:
        finding = alarm["finding"]
        mark = {"up": "▲", "down": "▼"}.get(finding["direction"], "◆")
        values = [self._figure(finding["signal"], finding[name]) for name in ("value", "usual")]
        told = [
            self.t("{value}, usually {usual}").format(value=values[0], usual=values[1]),
            self.t("since {time}").format(time=self._time(finding["since"])),
            self.t("{size} standard deviations").format(size=f"{finding['size']:.1f}"),
            *([p_value(finding["p_value"])] if finding["p_value"] is not None else []),
        ]
        parts = list(finding["slices"].items())[:_PARTS]
        told += [", ".join(f"{slice_name(name, self.t)} {100 * part:.0f} %" for name, part in parts)] if parts else []
        if alarm["acknowledged"]:
            told.append(self.t("seen by {who}").format(who=alarm["by"]))
        return f"{mark} {self._name(finding)}: {'; '.join(told)}\n  argosy alarm show {alarm['id']}"

    def _quality(self) -> Iterator[tuple[str, Text]]:
        found = self.found["quality"]
        if not found or not found["accuracy"]:
            return
        said = self.t("{right} of the answers are right, by {reports} labels for {answers} captured answers")
        told = said.format(
            right=interval(found["accuracy"]), reports=count(found["reports"]), answers=count(found["answers"])
        )
        yield self.t("quality"), Text(told, "bold")
        promised = (found["promised"] or {}).get("accuracy")
        if promised:
            yield "", Text(self.t("promised: {right} on its test rows").format(right=interval(promised)))
        if found["provisional"]:
            late = self.t("about {share} of the labels are still to come").format(share=percent(found["to_come"]))
            yield "", Text(late)

    def _signals(self, title: str, names: Sequence[str], width: int) -> Table:
        columns = 4 if width >= _WIDE else 3 if width >= _NARROW else 2
        table = Table.grid(padding=(0, 2))
        table.add_column(style=_KEY, no_wrap=True, min_width=9)
        table.add_column(overflow="fold", min_width=36 if width >= _WIDE else 1)
        for least in (9, 28, _CELLS)[: columns - 1]:
            table.add_column(no_wrap=True, min_width=least)
        shown = [one for name in names for one in self.found["signals"] if one["signal"] == name]
        away = {(one["finding"]["signal"], one["finding"]["slice"]) for one in self.found["alarms"]}
        for row, one in enumerate(shown):
            mark = "!" if (one["signal"], one["slice"]) in away else ""
            style = "red" if mark else ""
            cells = (self._name(one), self._figure(one["signal"], one["value"]), self._band(one), bars(one["points"]))
            first = title if not row else ""
            rest = (Text(cell, style) for cell in cells[1:columns])
            table.add_row(Text(first), Text(f"{mark}{cells[0]}", style), *rest)
        return table

    def _drift(self) -> Iterator[tuple[str, Text]]:
        found = self.found["embedding"]
        if not found:
            return
        days = found["days"]
        if days:
            said = self.t(
                "the texts of {day} are told from those of the weeks before {share} of the time (.5: not at all), {p}"
            )
            told = interval(days[-1]["told_apart"])
            yield (
                self.t("drift"),
                Text(said.format(day=self._time(days[-1]["start"])[:10], share=told, p=p_value(days[-1]["p_value"]))),
            )
        if found["rows"]:
            said = self.t("those of the last week are told from the rows that it was built with {share} of the time")
            if found["rows"]["reference"] == "captures":
                said = self.t("those of the last week are told from the first that were captured {share} of the time")
            yield ("" if days else self.t("drift")), Text(said.format(share=interval(found["rows"]["told_apart"])))

    def _lacks(self) -> Iterator[tuple[str, Text]]:
        """What is not watched yet, and what to do about it."""
        lines = []
        if not self.found["signals"] or self.found["since"] is None:
            lines.append(self.t("No traffic was counted yet. Serve: argosy serve"))
        waits = max((one["to_go"] for one in self.found["signals"]), default=0)
        if waits and self.found["since"] is not None:
            hours = waits * self.found["every"] / _HOUR
            said = self.t("Signals are learning what is usual: the last ones can alarm in {hours} hours of traffic.")
            lines.append(said.format(hours=count(hours)))
        if not self.found["capture"]:
            lines.append(self.t("No texts are captured: drift, quality and examples need them: [privacy] capture"))
        elif not (self.found["quality"] or {}).get("accuracy"):
            lines.append(self.t("No feedback came yet, which quality is measured by: POST /v1/feedback"))
        yield from zip((self.t("to do"), *[""] * len(lines)), map(Text, lines), strict=False)

    def _name(self, one: Found) -> str:
        part = slice_name(one["slice"], self.t)
        name = signal_name(one["signal"], self.t)
        return f"{name} ({part})" if part else name

    def _band(self, one: Found) -> str:
        if one["to_go"] or one["low"] is None:
            return self.t("learning")
        low, high = (self._figure(one["signal"], one[end]) for end in ("low", "high"))
        return self.t("usually {low} to {high}").format(low=low, high=high)

    def _figure(self, signal: str, value: float | None) -> str:
        if value is None:
            return NOTHING
        return signal_figure(signal, value) + (f" {self.found['currency']}" if signal == "cost" else "")

    def _time(self, at: int) -> str:
        return f"{datetime.fromtimestamp(at / _MICROSECONDS, UTC).astimezone(self.zone):%Y-%m-%d %H:%M}"


def bars(points: Sequence[Sequence[float | None]]) -> str:
    """The values of points (start, value, …) as a row of bars, the mean of several in each; a dot where none is known.

    >>> bars([(0, 1.0), (1, 2.0), (2, None), (3, 8.0)])
    '▁▂·█'
    """
    values = [point[1] for point in points]
    size = -(-len(values) // _CELLS) or 1
    groups = [[one for one in values[at : at + size] if one is not None] for at in range(0, len(values), size)]
    means = [sum(group) / len(group) if group else None for group in groups]
    known = [mean for mean in means if mean is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    scale = (len(_BARS) - 1) / (high - low) if high > low else 0.0
    return "".join("·" if mean is None else _BARS[round((mean - low) * scale)] for mean in means)


def _facts(rows: Sequence[tuple[str, Text]]) -> Table:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style=_KEY, no_wrap=True, min_width=9)
    facts.add_column(overflow="fold")
    for key, words in rows:
        facts.add_row(Text(key), words)
    return facts

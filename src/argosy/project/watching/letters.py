"""The words of a message: what left its usual course, since when, by how much, and where to look. No text is in it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from argosy.core.language import translator
from argosy.core.signals import SURGE, signal_figure, signal_name, slice_name
from argosy.core.watch import Alarm, Message
from argosy.project.selling.shop import Shop

_SECOND = 1_000_000
_SLICES = 3  # that are named
_LONG = 80  # characters of a slice that are told
_BRACKETS = str.maketrans("<>", "‹›")  # a robot takes <at …> for the order to call somebody


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message in words."""

    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How messages are written: in which language and time zone, and where people reach the service's pages."""

    language: str = "en"
    zone: str = "UTC"
    address: str = ""

    def letter(self, message: Message) -> Letter:
        """The title says what changed; the last line is the alarm's id, by which a repeated message is known."""
        t, alarm = translator(self.language), message.alarm
        known = {
            "opened": t("Alarm: {what}"),
            "again": t("Alarm again: {what}"),
            "closed": t("As usual again: {what}"),
        }
        title = known[message.kind].format(what=self.what(alarm))
        lines = self._closing(alarm, t) if message.kind == "closed" else self._opening(alarm, t)
        return Letter(title=title, body="\n".join([*lines, *self._places(alarm, t)]))

    def trial(self) -> Letter:
        """What is sent to try an address."""
        t = translator(self.language)
        return Letter(
            title=t("A test of Argosy's alarms"),
            body=t("Nothing is wrong. Alarms of the model arrive here from now on."),
        )

    def what(self, alarm: Alarm) -> str:
        """Which signal of which model went where."""
        t, finding = translator(self.language), alarm.finding
        known = {
            "up": t("{model}: {signal} is up"),
            "down": t("{model}: {signal} is down"),
            "apart": t("{model}: {signal} has changed"),
        }
        part = _part(finding.slice, t)
        name = signal_name(finding.signal, t)
        return known[finding.direction].format(model=finding.model, signal=f"{name} ({part})" if part else name)

    def evidence(self, alarm: Alarm) -> list[str]:
        """How large, since when, and which slices of the traffic it comes from."""
        t, finding = translator(self.language), alarm.finding
        value, usual = (signal_figure(finding.signal, figure) for figure in (finding.value, finding.usual))
        size = t("{value}, usually {usual}: {size} standard deviations of a usual period.")
        if finding.signal == SURGE:
            size = t("{value} an hour, usually {usual}: {size} standard deviations of a usual stretch of this length.")
        if finding.signal == "embedding":
            size = t(
                "Texts can be told from those of before in {value} of pairs, usually in {usual}: {size} deviations."
            )
        since = t("Since {since}, noticed {at}.")
        lines = [
            size.format(value=value, usual=usual, size=f"{finding.size:.1f}"),
            since.format(since=self.time(finding.since), at=self.time(finding.at)),
        ]
        if finding.p_value is not None:
            lines.append(t("Chance of this if nothing changed: {p_value}").format(p_value=f"{finding.p_value:.2g}"))
        if finding.slices:
            largest = sorted(finding.slices.items(), key=lambda item: -item[1])[:_SLICES]
            parts = ", ".join(f"{_part(part, t)} {100 * share:.0f} %" for part, share in largest)
            lines.append(t("Most of it: {parts}").format(parts=parts))
        return lines

    def time(self, at: int) -> str:
        """A time on people's clock; microseconds since the epoch."""
        local = datetime.fromtimestamp(at // _SECOND, UTC).astimezone(ZoneInfo(self.zone))
        return f"{local:%Y-%m-%d %H:%M} {self.zone}"

    def _opening(self, alarm: Alarm, t: Callable[[str], str]) -> list[str]:
        lines, count = self.evidence(alarm), len(alarm.finding.examples)
        if count:
            lines.append(t("Example texts: {count}; they stay with the service.").format(count=count))
        if alarm.again:
            lines.append(t("It had closed shortly before. No more is told until it stays closed for six hours."))
        return lines

    def _closing(self, alarm: Alarm, t: Callable[[str], str]) -> list[str]:
        closed = t("Open from {opened} to {closed}.").format(
            opened=self.time(alarm.opened), closed=self.time(alarm.closed or alarm.opened)
        )
        return (
            [closed, t("{by} said that this level is the usual one.").format(by=alarm.by)] if alarm.usual else [closed]
        )

    def _places(self, alarm: Alarm, t: Callable[[str], str]) -> list[str]:
        surge = alarm.finding.signal == SURGE
        page = f"{self.address.rstrip('/')}/admin/{'opinion/alarms' if surge else 'alarms'}/{alarm.id}"
        known = [t("Page: {page}").format(page=page)] if self.address else []
        command = f"argosy {'opinion alarms' if surge else 'alarm'} show {alarm.id}"
        return [*known, t("Evidence: {command}").format(command=command), alarm.id]


def _part(name: str, t: Callable[[str], str]) -> str:
    """A slice in a few words that call nobody."""
    told = slice_name(name, t).translate(_BRACKETS)
    return told if len(told) <= _LONG else f"{told[:_LONG]}…"


def wording_of(shop: Shop) -> Wording:
    """How a project's messages are written."""
    watch, sell = shop.project.watch, shop.project.sell
    return Wording(language=watch.language, zone=sell.time_zone if sell else "UTC", address=watch.address)

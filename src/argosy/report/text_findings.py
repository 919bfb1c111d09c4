"""What was found of a language model beside the ladder, a line each: time, samples, variety, copies."""

from collections.abc import Callable

from argosy.core.errors import ArgosyError
from argosy.report.ladder import Results, Translate
from argosy.report.numbers import brief, change, count, duration, interval, percents, rounded

_WIDE = 160  # characters of a sample in a line


def told(t: Translate) -> tuple[tuple[str, Callable[[Results, Translate], str]], ...]:
    """The findings in the order of worry, each with its title."""
    return ((t("time"), pace), (t("variety"), variety), (t("copies"), copies), (t("sample"), sample))


def served(results: Results, t: Translate) -> str:
    """Which engine writes, how large and how fast it is, and what its smaller weights cost."""
    serving = results.get("serving") or {}
    if serving.get("skipped"):
        return t("It is served in torch: {reason}").format(reason=ArgosyError.from_json(serving["skipped"]).render(t))
    if not serving:
        return ""
    if "loss" not in serving:
        template = t("It is served in torch: no smaller weights stay within {limit} bits per byte of those it has.")
        return template.format(limit=rounded(serving["limit"]))
    torch, small = results["engines"]["torch"], results["engines"][serving["engine"]]
    template = t(
        "It is served by {engine}: {size} MB in place of {large}, {speed} tokens/s in place of {slow};"
        " on the test documents that costs {change} bits per byte."
    )
    return template.format(
        engine=serving["engine"],
        size=brief(small["size_mb"]),
        large=brief(torch["size_mb"]),
        speed=count(small["tokens_per_s"]),
        slow=count(torch["tokens_per_s"]),
        change=change("bits_per_byte", serving["loss"]),
    )


def pace(results: Results, t: Translate) -> str:
    """How long the training took, against what was foretold, and how much it read."""
    training = results.get("training") or {}
    expected = training.get("expected")
    if not expected:
        return ""
    template = t(
        "expected {expected}, took {actual}: {steps} steps, {tokens} tokens, the texts {epochs} times, {speed} tokens/s"
    )
    return template.format(
        expected=duration(expected["seconds"], t),
        actual=duration(training["seconds"], t),
        steps=count(expected["steps"]),
        tokens=count(expected["tokens"]),
        epochs=rounded(expected["epochs"]),
        speed=count(expected["tokens"] / training["seconds"]) if training["seconds"] else "–",
    )


def variety(results: Results, t: Translate) -> str:
    """distinct-1 and distinct-2 of the samples beside those of real text as long."""
    known = (results.get("samples") or {}).get("distinct") or {}
    template = t("distinct-{n} {samples} (real text as long: {text})")
    lines = [
        template.format(n=n, samples=interval(one["samples"]), text=interval(one["text"]))
        for n, one in known.items()
        if one["samples"] and one["text"]
    ]
    return t("; ").join(lines)


def copies(results: Results, t: Translate) -> str:
    """How much of what is written stands in the training text, beside what unseen text shares with it."""
    known = (results.get("samples") or {}).get("copies")
    if not known:
        return ""
    longest = t("the longest piece that stands there has {characters} characters (unseen text: {expected})").format(
        characters=count(len(known["longest"])), expected=count(len(known["longest_expected"]))
    )
    if not known["copied"] or not known["expected"]:
        return longest
    template = t("{copied} of what it writes stands in the training text (unseen text: {expected}); {longest}")
    return template.format(copied=percents(known["copied"]), expected=percents(known["expected"]), longest=longest)


def sample(results: Results, t: Translate) -> str:
    """The first sample, its opening before the ellipsis."""
    shown = (results.get("samples") or {}).get("shown") or []
    if not shown:
        return ""
    first = shown[0]
    return t("{opening} … {text} (seed {seed})").format(
        opening=_line(first["opening"]), text=_line(first["text"]), seed=first["seed"]
    )


def shape(results: Results, t: Translate) -> str:
    """What the dial came to for a model that starts from nothing."""
    known = results.get("shape")
    if not known:
        return ""
    template = t("{parameters} million parameters, {layers} layers of {width}, {pieces} pieces, context {context}")
    return template.format(
        parameters=brief(known["parameters"] / 1e6),
        layers=known["layers"],
        width=known["width"],
        pieces=count(known["pieces"]),
        context=count(known["context"]),
    )


def _line(text: str) -> str:
    """A text on one line, its beginning where it is long."""
    flat = " / ".join(line.strip() for line in text.splitlines() if line.strip())
    return flat if len(flat) <= _WIDE else f"{flat[:_WIDE]}…"

"""``argosy explain``: which tokens an answer stands on, and whether that is true."""

import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from rich.text import Text

from argosy.core.errors import MissingError
from argosy.evaluate.doubts.explain import Explanation, Faithfulness, Token
from argosy.project.using.columns import is_tabular
from argosy.report.numbers import p_value, share
from argosy.stages.classify.attribution import Explainer
from argosy.ui.speech import out, say, t
from argosy.ui.verbs.build import say_json

_NAMED = 5  # tokens of each sign
_FAINT = 0.2  # of the strongest score; what is weaker stays uncoloured
_STRONG = 0.6


def explain(folder: Path, texts: Sequence[str], method: str | None, label: str | None, *, as_json: bool) -> None:
    """Explain each text in turn; an explanation that failed its test is shown without its colours, and marked."""
    if is_tabular(folder):
        raise MissingError("This model reads columns of numbers; answers to texts are explained.", where=str(folder))
    given = texts or _lines()
    explainer = Explainer(folder)
    for text in given:
        found = explainer.explain(text, method=method, label=label)
        if as_json:
            say_json(found.to_json())
        else:
            _show(found)


def _lines() -> list[str]:
    if sys.stdin.isatty():
        raise MissingError("Nothing to explain.", mend="Give a text, or pipe lines into standard input.")
    return [line.rstrip("\r\n") for line in sys.stdin if line.strip()]


def _show(found: Explanation) -> None:
    faithful = found.faithful.faithful
    out.print(Text.assemble((found.label, "bold"), f"  {share(found.probability)}  {found.method}"), soft_wrap=True)
    out.print(_coloured(found) if faithful else Text(found.text, style="dim"), soft_wrap=True)
    if faithful:
        for words, sign in ((t("for"), 1), (t("against"), -1)):
            named = _strongest(found.tokens, sign)
            if named:
                say(f"  {words}  {named}")
    say(f"  {_verdict(found.faithful)}")


def _coloured(found: Explanation) -> Text:
    """The text with what speaks for the label in green and what speaks against it in red, the strongest bold."""
    text = Text(found.text)
    top = max((abs(token.score) for token in found.tokens), default=0.0)
    for token in found.tokens:
        if top and abs(token.score) >= _FAINT * top:
            colour = "green" if token.score > 0 else "red"
            text.stylize(f"bold {colour}" if abs(token.score) >= _STRONG * top else colour, token.start, token.end)
    return text


def _strongest(tokens: Sequence[Token], sign: int) -> str:
    """The tokens of one sign with their scores, the strongest first."""
    ranked = sorted((token for token in tokens if token.score * sign > 0), key=lambda token: -abs(token.score))
    return "  ".join(f"{token.piece} {token.score:+.2f}" for token in islice(ranked, _NAMED))


def _verdict(test: Faithfulness) -> str:
    if not test.draws:
        return t("not tested: the text is too short to take tokens away; do not rely on this")
    template = (
        t("faithful: without these tokens the probability falls by {drop}, without random ones by {random} ({p})")
        if test.faithful
        else t(
            "not faithful, so not shown: without its strongest tokens the probability falls by {drop}, without random"
            " ones by {random} ({p}); another --method may do better"
        )
    )
    return template.format(drop=share(test.drop), random=share(test.random), p=p_value(test.p))

"""What a text step must keep to: from any text to a text, the same each time, and at rest once it was applied."""

import random
import re
from collections.abc import Callable, Iterator

from argosy.core.errors import ProjectError
from argosy.project.conformance.problem import Check, failed, shown

_NAME = re.compile(r"[A-Za-z][\w-]*")
_RANDOM = 300  # texts
_RANGES = ((0x20, 0x7E), (0xA0, 0x2FF), (0x300, 0x36F), (0x590, 0x6FF), (0x2000, 0x206F), (0x3000, 0x9FFF))
_MORE_RANGES = ((0xD800, 0xDFFF), (0xFE00, 0xFFFF), (0x1F300, 0x1FAFF), (0x20000, 0x2A6DF), (0xE0000, 0xE007F))
_HARD = (
    "",
    " ",
    "\x00",
    "\ud800",
    "a\r\nb\rc\u2028d\n\n\n\ne",
    "&amp;amp;lt;b&gt; &nosuch; &#0; &#x110000;",
    "Ａ１　全角，标点。",
    "e\u0301\u0301 ﬁ Å \u1100\u1161",
    "👩‍👩‍👧‍👦 🇨🇳 ☎\ufe0f",
    "\u202eright to left\u202c שלום مرحبا",
    "cafÃ© â€œquotedâ€\x9d",
    "<script>x</script> {name} %s \\n",
    "138 0013 8000 li@example.com https://example.com/?a=b&c=d",
    "ok " * 2_000,
    "好" * 5_000,
)
Step = Callable[[str], str]


def check_name(name: str, step: Step) -> Iterator[ProjectError]:
    """A name of letters, digits, `_` and `-`, so that none is taken for a step with a value (``remove=…``)."""
    del step
    if not _NAME.fullmatch(name):
        yield ProjectError(
            "The step's name {name!r} is not made of letters, digits, `_` and `-`.", mend="Rename it.", name=name
        )


def check_any_text(name: str, step: Step) -> Iterator[ProjectError]:
    """Whatever text comes, a text comes out; nothing stays nothing."""
    for text in texts():
        try:
            told = step(text)
        except Exception as error:  # noqa: BLE001 - the code of others
            yield failed(name, text, error)
            return
        if not isinstance(told, str) or (told and not text):
            yield ProjectError(
                "The step {name!r} makes {told} of {text}.",
                mend="Give a text for every text, and nothing for nothing.",
                name=name,
                told=shown(told),
                text=shown(text),
            )
            return


def check_pure(name: str, step: Step) -> Iterator[ProjectError]:
    """The same text gives the same, whatever came between."""
    first = [step(text) for text in texts()]
    again = [step(text) for text in reversed(texts())][::-1]
    for text, one, other in zip(texts(), first, again, strict=True):
        if one != other:
            yield ProjectError(
                "The step {name!r} makes {one} of {text}, and {other} the next time.",
                mend="Let nothing but the text decide: no clock, no chance, nothing kept between two calls.",
                name=name,
                one=shown(one),
                other=shown(other),
                text=shown(text),
            )
            return


def check_at_rest(name: str, step: Step) -> Iterator[ProjectError]:
    """Applied to what it made, it changes nothing: steps are repeated until none does."""
    for text in texts():
        once = step(text)
        if (twice := step(once)) != once:
            yield ProjectError(
                "The step {name!r} changes what it made itself: {text} becomes {once}, then {twice}.",
                mend="Repeat inside the step until nothing changes; steps are applied until the text is at rest.",
                name=name,
                text=shown(text),
                once=shown(once),
                twice=shown(twice),
            )
            return


def texts() -> list[str]:
    """Texts that break things, and texts of any characters at random, always the same."""
    chance = random.Random(7)
    ranges = (*_RANGES, *_MORE_RANGES)
    drawn = [
        "".join(chr(chance.randint(*chance.choice(ranges))) for _ in range(chance.randint(1, 40)))
        for _ in range(_RANDOM)
    ]
    return [*_HARD, *drawn]


CHECKS: tuple[Check, ...] = (check_name, check_any_text, check_pure, check_at_rest)

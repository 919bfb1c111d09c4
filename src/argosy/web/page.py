"""Pages from templates: the frame, the parts and the words of one language."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.filters import do_mark_safe

from argosy.core.language import translator
from argosy.web import assets, policy

_OWN = Path(__file__).with_name("templates")
TAGS = {"en": "en", "zh": "zh-CN"}
"""What each language is called in HTML and HTTP."""


@cache
def environment(
    package_folder: Path = _OWN, language: str = "en", t: Callable[[str], str] | None = None
) -> Environment:
    """The templates of a room, above those that every page is made of, for one language.

    ``t`` translates instead of the catalogue. Templates know ``t``, ``language``, ``lang`` (its tag), ``asset`` (the
    address of a file), ``inline`` (its text), ``single_policy`` (of a page of one file) and the macros of ``parts`` and
    ``charts``.
    """
    made = Environment(
        loader=FileSystemLoader([package_folder, _OWN]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}  # people read it
    made.globals |= {
        "t": t or translator(language),
        "language": language,
        "lang": TAGS.get(language, "en"),
        "asset": assets.address,
        "inline": lambda name: do_mark_safe(assets.inline(name)),
        "single_policy": lambda *styles: policy.content_policy(styles=styles, single=True),
    }
    for name in ("parts", "charts"):  # the second is made of the first
        made.globals[name] = made.get_template(f"{name}.html").module
    return made

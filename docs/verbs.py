# ruff: noqa: INP001 - a script beside the pages that it writes
"""Write the commands that sell, watch and improve into the pages of commands, from the command line's own help.

    python docs/verbs.py

Only what stands between the marks of a page is replaced. A test compares both, so neither goes stale.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
START, END = "<!-- written by docs/verbs.py -->", "<!-- end of docs/verbs.py -->"
WRITTEN = (
    *("tenant", "key", "audit", "plan", "invoice", "wallet", "usage", "ledger"),
    *("release", "privacy", "backup", "restore"),
    *("watch", "alarm", "labels", "improve", "lineage", "experiment", "support", "opinion", "recommend"),
    *("market", "compute", "captable", "deck"),
)
HEADS = {"en": (("command", "what it does"), ("option", "meaning")), "zh": (("命令", "做什么"), ("选项", "含义"))}
Told = list[dict[str, Any]]


def main() -> None:
    """Write both pages."""
    for language in ("en", "zh"):
        path = HERE / language / "commands.md"
        path.write_text(filled(path.read_text(encoding="utf-8"), pages(language)), encoding="utf-8")


def filled(page: str, text: str) -> str:
    """The page with ``text`` between its marks."""
    before, _, rest = page.partition(START)
    return f"{before}{START}\n\n{text}\n{END}{rest.partition(END)[2]}"


def pages(language: str) -> str:
    """A table of the commands, and a section for each, in a language."""
    command = [sys.executable, __file__, "--lang", language]
    verbs: Told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    (one, what), (option, meaning) = HEADS[language]
    rows = [f"| `{verb['name']}` | {verb['help']} |" for verb in verbs]
    parts = ["\n".join([f"| {one} | {what} |", "|---|---|", *rows, ""])]
    for verb in verbs:
        words = " ".join([verb["name"], *verb["arguments"]])
        table = [f"| {', '.join(f'`{name}`' for name in names)} | {said} |" for names, said in verb["options"]]
        parts.append("\n".join([f"## `{words}`", "", f"| {option} | {meaning} |", "|---|---|", *table, ""]))
    return "\n".join(parts)


def tell() -> Iterator[dict[str, Any]]:
    """The commands in the language that the words of this process name."""
    import typer.main

    from argosy.ui.cli import app

    root: Any = typer.main.get_command(app)
    for name in WRITTEN:
        if name in root.commands:
            yield from told(root.commands[name], f"argosy {name}")


def told(command: Any, name: str) -> Iterator[dict[str, Any]]:
    """A command, or those below it."""
    below = getattr(command, "commands", {})
    for child, inner in below.items():
        yield from told(inner, f"{name} {child}")
    if not below:
        options = [parameter for parameter in command.params if parameter.opts[0].startswith("-")]
        arguments = [parameter for parameter in command.params if parameter not in options]
        yield {
            "name": name,
            "help": clean(command.help),
            "arguments": [shown(parameter) for parameter in arguments],
            "options": [([*parameter.opts, *parameter.secondary_opts], clean(parameter.help)) for parameter in options],
        }


def shown(parameter: Any) -> str:
    """An argument as usage lines show it."""
    name = str(parameter.metavar or parameter.name.upper())
    return name if parameter.required else f"[{name}]"


def clean(text: str | None) -> str:
    """Help as a cell of a table: one line without the full stop."""
    return " ".join((text or "").split()).rstrip(".。").replace("|", "\\|")


if __name__ == "__main__":
    if "--lang" in sys.argv:
        print(json.dumps(list(tell()), ensure_ascii=False))
    else:
        main()

"""A small project that writes, from a few kilobytes of text in two languages."""

import json
import random
from pathlib import Path

_ENGLISH = (
    ("the grey cat", "a small bird", "my old friend", "the tall man"),
    ("sees", "follows", "remembers", "paints"),
    ("the morning light", "a red house", "the long road", "an open door"),
)
_CHINESE = (("小猫", "老人", "河水", "春风"), ("看见", "走过", "想起", "照着"), ("青山", "旧屋", "长路", "落花"))


def texts(count: int, seed: int = 3) -> list[str]:
    """Documents of three lines, in turn in English and Chinese."""
    draw = random.Random(seed)

    def line(words: tuple[tuple[str, ...], ...], between: str) -> str:
        return between.join(draw.choice(some) for some in words)

    english = ["\n".join(f"{line(_ENGLISH, ' ')} {draw.randint(1, 99)} times." for _ in range(3)) for _ in range(count)]
    chinese = ["\n".join(f"{line(_CHINESE, '')}，{line(_CHINESE, '')}。" for _ in range(3)) for _ in range(count)]
    return [text for pair in zip(english, chinese, strict=True) for text in pair]


def project(folder: Path, *train: str, base: str = "scratch", data: str = "", count: int = 40) -> Path:
    """The project in ``folder``, on a file of plain text unless ``data`` says otherwise."""
    (folder / "text.txt").write_text("\n\n".join(texts(count)), encoding="utf-8")
    head = ('name = "toy"', 'task = "generate"', 'size = "tiny"', 'languages = ["zh", "en"]', "[data]", "near = 0")
    lines = (*head, data or 'path = "text.txt"', "[base]", f'model = "{base}"', "[train]", "threads = 1", *train)
    (folder / "argosy.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def weights(folder: Path) -> str:
    """The digest of the built model's weights."""
    return str(json.loads((folder / "model" / "manifest.json").read_text())["files"]["model.safetensors"])

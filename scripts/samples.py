"""Write the small data that comes with each product: composed here, of phrases written for it, nothing collected.

    python scripts/samples.py

The draw is seeded (SEED), and a test holds what is stored against it. Nobody is quoted, and no figure that is measured
on these rows says anything about real texts: they are for a first run, and show what a product's files look like.
"""

import csv
import json
import random
import runpy
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

SEED = 20261122
MESSAGES = 220  # a language
NOTES = 150  # a language
DELIVERIES = 400
DIALOGUES = 120  # a language
INTENTS = 22  # of a language: what customers of the sample want to know
ROOT = Path(__file__).parents[1]
PRODUCTS = ROOT / "src" / "argosy" / "products" / "samples"
SHOP = ROOT / "benchmarks" / "support"

# By language: what messages speak of, and what is said of it by label.
THINGS = {
    "en": ("the kettle", "my order", "the blue jacket", "the headset", "the desk lamp", "the parcel", "the charger",
           "the coffee grinder", "the rucksack", "the keyboard", "the tent", "the phone case"),
    "zh": ("水壶", "我的订单", "这件外套", "耳机", "台灯", "包裹", "充电器", "咖啡机", "背包",
           "键盘", "帐篷", "手机壳"),
}  # fmt: skip
SAID = {
    "en": {
        "praise": ("arrived a day early and works well", "is better than the photo", "is just what I was looking for",
                   "has been in use for {n} weeks without a fault", "was packed with care", "is worth every cent"),
        "complaint": ("stopped working after {n} days", "came with a crack along the side", "never turned up",
                      "smells of glue and feels cheap", "is not the colour that I ordered", "was charged to me twice"),
        "question": ("can it be sent back within {n} days", "does it come in another colour", "where is it now",
                     "how long is the warranty", "could I change the address", "do you send it abroad"),
    },
    "zh": {
        "praise": ("提前一天送到，很好用", "比图片上还好看", "正是我想要的",
                   "用了{n}个星期一点毛病也没有", "包装很用心", "非常值这个价"),
        "complaint": ("用了{n}天就坏了", "收到时侧面有裂痕", "一直没有送到",
                      "有股胶水味，做工很差", "颜色和我订的不一样", "重复扣了两次款"),
        "question": ("{n}天内能退货吗", "还有别的颜色吗", "现在到哪里了",
                     "保修期多长", "能改收货地址吗", "可以寄到国外吗"),
    },
}  # fmt: skip
AROUND = {
    "en": (("", "Hello, ", "Good morning, ", "To be honest, ", "Second time I write: "),
           ("", "Thanks.", "Please answer.", "That is all.", "Order {k}.", "I told my friends so.")),
    "zh": (("", "你好，", "早上好，", "说实话，", "第二次留言了，"),
           ("", "谢谢。", "请回复。", "就这些。", "订单{k}。", "我跟朋友也这么说。")),
}  # fmt: skip
JOINT = {"en": " ", "zh": ""}
SEVERAL = 0.6  # share of dialogues with two questions
PLAIN = 0.9  # share of messages that say one thing only


def messages(draw: random.Random, language: str, count: int) -> list[tuple[str, str]]:
    """(text, label) of messages to a shop; some say two things, and the last one counts."""
    labels = sorted(SAID[language])
    return [_message(draw, language, labels[number % len(labels)], labels) for number in range(count)]


def _message(draw: random.Random, language: str, label: str, labels: Sequence[str]) -> tuple[str, str]:
    before, after = AROUND[language]
    parts = [label] if draw.random() < PLAIN else [draw.choice(labels), label]
    clauses = [_clause(draw, language, part) for part in parts]
    sentences = [draw.choice(before) + clauses[0], *clauses[1:], draw.choice(after)]
    text = JOINT[language].join(one[:1].upper() + one[1:] for one in sentences if one)
    return text.format(n=draw.randint(2, 30), k=draw.randint(1000, 9999)), label


def _clause(draw: random.Random, language: str, label: str) -> str:
    thing, said = draw.choice(THINGS[language]), draw.choice(SAID[language][label])
    asks = label == "question"
    if language == "zh":
        return f"{thing}{said}" + ("？" if asks else "。")
    return f"{thing}: {said}?" if asks else f"{thing} {said}."


def notes(draw: random.Random, language: str, count: int) -> list[tuple[str]]:
    """Documents of a few sentences, such as a shop's diary."""
    said = (messages(draw, language, draw.randint(3, 5)) for _ in range(count))
    return [(JOINT[language].join(text for text, _ in one),) for one in said]


def deliveries(draw: random.Random, count: int) -> list[tuple[float, int, float, int, float]]:
    """Kilometres, items, weight in kg, hour of the day, and the minutes that the delivery took."""
    rows = []
    for _ in range(count):
        kilometres, items, hour = round(draw.uniform(0.5, 18), 1), draw.randint(1, 12), draw.randint(8, 21)
        weight = round(items * draw.uniform(0.2, 2.5), 1)
        busy = 9 if hour in (8, 9, 17, 18) else 0
        minutes = 6 + 2.4 * kilometres + 0.8 * items + 0.15 * weight + busy + draw.gauss(0, 4)
        rows.append((kilometres, items, weight, hour, round(max(minutes, 3), 1)))
    return rows


def dialogues(draw: random.Random, language: str, count: int) -> Iterator[dict[str, str]]:
    """Turns of service dialogues, a row each."""
    shop = runpy.run_path(str(SHOP / "shop.py"))
    known: list[Any] = shop["intents"](SHOP / f"shop.{language}.toml")[:INTENTS]
    asked = [shop["composed"](draw, language, known[number % INTENTS]) for number in range(2 * count)]
    held = shop["dialogues"](draw, language, asked, known, several=SEVERAL)
    for dialogue, _ in zip(held, range(count), strict=False):
        for turn in dialogue:
            at = turn.at.isoformat(timespec="seconds")
            yield {"dialogue": turn.dialogue, "speaker": turn.speaker, "time": at, "text": turn.text}


def main(folder: Path = PRODUCTS) -> None:
    """Write the sample of each product into its folder."""
    draw = random.Random(SEED)
    labelled = [*messages(draw, "en", MESSAGES), *messages(draw, "zh", MESSAGES)]
    draw.shuffle(labelled)
    write(folder / "classify" / "texts.csv", ("text", "label"), labelled)
    written = [*notes(draw, "en", NOTES), *notes(draw, "zh", NOTES)]
    draw.shuffle(written)
    write(folder / "generate" / "texts.csv", ("text",), written)
    header = ("kilometres", "items", "weight", "hour", "minutes")
    write(folder / "columns" / "deliveries.csv", header, deliveries(draw, DELIVERIES))
    turns = [*dialogues(draw, "en", DIALOGUES), *dialogues(draw, "zh", DIALOGUES)]
    write_lines(folder / "support" / "dialogues.jsonl", turns)
    said = runpy.run_path(str(Path(__file__).with_name("sample_posts.py")))
    for wanted in ("sentiment", "topic"):
        write(folder / "opinion" / wanted / "texts.csv", ("text", "label"), said["labelled"](draw, wanted))
    write_lines(folder / "opinion" / "posts.jsonl", said["posts"](draw))
    shop = runpy.run_path(str(Path(__file__).with_name("sample_books.py")))
    shelf = shop["books"](draw)
    bought = shop["events"](draw, shelf)
    for name, header, rows in (("items", shop["BOOK"], shelf), ("events", shop["EVENT"], bought)):
        write(folder / "recommend" / f"{name}.csv", header, ([row[column] for column in header] for row in rows))


def write_lines(path: Path, rows: Iterable[dict[str, str]]) -> None:
    """A file of JSON, a row a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A CSV file in UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PRODUCTS)

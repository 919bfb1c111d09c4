# ruff: noqa: INP001, T201 - a script beside the pages that it writes, which says what it wrote
"""Write the measured figures of a built project to docs/measured.md and to both READMEs, and its report's picture.

    make demo
    python docs/measured.py examples/reviews

Every figure comes from the record behind ``argosy report --json``; none is typed. The picture is what Chromium shows.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argosy.core.language import translator
from argosy.project.building import build
from argosy.report import numbers
from argosy.report.ladder import Rung, Translate, rungs, versus_words
from argosy.report.verdict import verdict
from argosy.ui.report import render

HERE = Path(__file__).parent
PAGE = HERE / "measured.md"
PICTURE = HERE / "images" / "report.png"
READMES = {"en": HERE.parent / "README.md", "zh": HERE.parent / "README.zh-CN.md"}
END = "<!-- end -->"

WORDS = {
    "en": {
        "head": "| candidate | accuracy | macro F1 |",
        "costs": "training | texts/s | MB |",
        "served": "served",
        "data": "{read} rows read, {kept} kept; {train} to learn from, {validation} to choose with, {test} to test on."
        " In brackets 95 % intervals on the test rows; below them the difference to the best baseline, by paired test.",
        "parity": "Parity on {texts} raw texts: torch and ONNX differ by at most {gap:.1e}; {engine} gives {share} of"
        " torch's labels; HTTP gives {http} of its engine's.",
        "machine": "Built in {total} on {processor}, {cores} cores.",
        "slice": "{language}, {rows} test rows:",
        "warning": "Mind that the language alone predicts the label to a degree: saying each language's commonest label"
        " is right on {by_language}, saying the commonest of all on {majority}; Cramér's V is {v}.",
    },
    "zh": {
        "head": "| 候选 | 准确率 | 宏平均 F1 |",
        "costs": "训练 | 条/秒 | MB |",
        "served": "上线",
        "data": "读取 {read} 行，保留 {kept} 行：{train} 行用来学习，{validation} 行用来选择，{test} 行用来测试。"
        "方括号内是测试集上的 95% 置信区间；下方是与最佳基线之差及配对检验。",
        "parity": "{texts} 条原始文本的一致性：torch 与 ONNX 最多相差 {gap:.1e}；"
        "{engine} 与 torch 的标签 {share} 相同；HTTP 与其引擎 {http} 相同。",
        "machine": "在 {processor}（{cores} 核）上构建用时 {total}。",
        "slice": "{language}，{rows} 行测试数据：",
        "warning": "请注意，语言本身在一定程度上预示标签：说出各语言最常见的标签，有 {by_language} 正确；"
        "说出全体最常见的标签，有 {majority} 正确；Cramér's V 为 {v}。",
    },
}
INTRO = """\
# Measured 实测数字

Written by `docs/measured.py` from the record of `make demo`; the figures of your machine are in the report that it
writes. What is claimed of Argosy itself, goal by goal, stands in {doc}`en/benchmarks`.

由 `docs/measured.py` 根据 `make demo` 的记录写出；你的机器上的数字见它写出的报告。
对 Argosy 本身的各项说法及目标见 {doc}`zh/benchmarks`。
"""


def main(folder: Path) -> None:
    """Write the page and fill the READMEs."""
    results = build.results(folder)
    blocks = {language: block(results, language) for language in WORDS}
    parts = [f"## {title}\n\n{marked(blocks[code], code)}\n" for code, title in (("en", "English"), ("zh", "中文"))]
    PAGE.write_text("\n".join([INTRO, *parts]), encoding="utf-8")
    for language, readme in READMES.items():
        readme.write_text(filled(readme.read_text(encoding="utf-8"), blocks[language], language), encoding="utf-8")
    take_picture(render(results, "en"), PICTURE)
    print(f"wrote {PAGE.name}, both READMEs and {PICTURE.name}")


def take_picture(page: str, picture: Path) -> None:
    """The top of a page as a browser shows it, as PNG."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("The picture needs Chromium: apt-get install chromium")
    picture.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "report.html")
        place.write_text(page, encoding="utf-8")
        looks = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1000,1950"]
        where = [f"--user-data-dir={folder}", f"--screenshot={picture}", place.as_uri()]
        subprocess.run([browser, *looks, *where], check=True, capture_output=True, timeout=120)


def marked(text: str, language: str) -> str:
    """The text between the marks that a README has."""
    return f"<!-- measured {language} -->\n\n{text}\n\n{END}"


def filled(page: str, text: str, language: str) -> str:
    """The page with ``text`` between its marks."""
    start = f"<!-- measured {language} -->"
    before, found, rest = page.partition(start)
    if not found:
        sys.exit(f"a page has no mark {start}")
    return before + marked(text, language) + rest.partition(END)[2]


def block(results: Mapping[str, Any], language: str) -> str:
    """The figures in Markdown: verdict, ladder, languages, parity, machine."""
    words = WORDS[language]
    translate = translator(language)
    said, data, parity = verdict(results, translate), results["data"], results["parity"]
    engine = [name for name in results["engines"] if name.startswith("onnx")][-1]  # the smallest that passed
    lines = [line for line in (said.power, f"**{said.headline}**", *said.details, said.doubt) if line]
    counts = {name: numbers.count(data[name]) for name in ("read", "kept")}
    counts |= {part: numbers.count(rows) for part, rows in data["splits"].items()}
    parts = ["\n\n".join(lines), costs(rungs(results, translate), language, translate), words["data"].format(**counts)]
    for name, part in results["slices"].items() if len(results["slices"]) > 1 else ():
        title = words["slice"].format(language=name, rows=numbers.count(part["rows"]))
        parts += [title, ladder(rungs(results, translate, name), language, translate)]
    tie = data["association"]
    if tie["warn"]:
        shares = {name: numbers.percent(tie[name]) for name in ("by_language", "majority")}
        parts.append(words["warning"].format(v=numbers.share(tie["cramers_v"], 2), **shares))
    parts.append(
        words["parity"].format(
            texts=numbers.count(parity["texts"]),
            gap=parity["largest_difference"],
            engine=engine,
            share=numbers.percents(results["engines"][engine]["agreement"]),
            http=numbers.percents(parity["http_agreement"]),
        )
    )
    machine = {name: results["machine"][name] for name in ("processor", "cores")}
    parts.append(words["machine"].format(total=numbers.duration(results["timings"]["total"], translate), **machine))
    return "\n\n".join(parts)


def ladder(steps: list[Rung], language: str, translate: Translate) -> str:
    """The candidates with their metrics."""
    rows = [f"| {' | '.join([_name(step, language), *_figures(step, translate)])} |" for step in steps]
    return "\n".join([WORDS[language]["head"], "|---|---|---|", *rows])


def costs(steps: list[Rung], language: str, translate: Translate) -> str:
    """The candidates with their metrics and what each costs."""
    rows = [f"{WORDS[language]['head']} {WORDS[language]['costs']}", "|---|---|---|---:|---:|---:|"]
    for step in steps:
        seconds = "–" if step.seconds is None else numbers.duration(step.seconds, translate)
        speed = "–" if step.texts_per_s is None else numbers.rounded(step.texts_per_s, 3)
        size = "–" if step.size_mb is None else numbers.brief(step.size_mb)
        rows.append(f"| {' | '.join([_name(step, language), *_figures(step, translate), seconds, speed, size])} |")
    return "\n".join(rows)


def _name(step: Rung, language: str) -> str:
    return f"→ **{step.name}** ({WORDS[language]['served']})" if step.served else step.name


def _figures(step: Rung, translate: Translate) -> list[str]:
    """Each figure with its interval, and below it the difference to the best baseline with its test."""
    shown = [(metric, step.metrics[metric]) for metric in ("accuracy", "macro_f1")]
    return [f"{numbers.interval(one)}<br>{versus_words(one['versus'], metric, translate)}" for metric, one in shown]


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "examples/reviews"))

"""What is claimed of the example venture."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words


def unknown(one: Found) -> Iterator[list[str]]:
    """Figures by the share of the variance that knowing each would take."""
    for row in one["unknown"]:
        share = f"{100 * row['value']:.1f} % [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"
        yield [row["name"], share, row["hint"] or "–"]


EXAMPLE = Claim(
    script="venture.example",
    says=Words(
        "the example's plan is reckoned at once, and what its present value rests on is known within a minute",
        "示例的计划瞬间算出，其净现值依赖什么在一分钟内可知",
    ),
    against=Words("the same plan as a workbook, reckoned by LibreOffice", "同一计划的工作簿，由 LibreOffice 计算"),
    minutes=3,
    figures=(
        Figure(what=Words("lines of the plan", "计划的行"), at="lines"),
        Figure(what=Words("figures", "数字"), at="figures"),
        Figure(what=Words("one course, from file to verdict", "一次计算，从文件到结论"), at="seconds", unit="s"),
        Figure(
            what=Words("times as fast as LibreOffice, with its start", "比 LibreOffice（含启动）快多少倍"),
            at="ratio",
            goal=">= 10",
        ),
        Figure(what=Words("draws", "抽样次数"), at="draws"),
        Figure(
            what=Words("draws, Sobol indices, tornado, scenarios", "抽样、Sobol 指数、龙卷风图、情景"),
            at="draw_seconds",
            unit="s",
            goal="<= 60",
        ),
        Figure(what=Words("NPV variance from assumptions", "净现值方差来自假设的份额"), at="shares/assumed"),
        Figure(what=Words("NPV variance from sources", "净现值方差来自来源的份额"), at="shares/sourced"),
        Figure(what=Words("NPV variance from measurements", "净现值方差来自实测的份额"), at="shares/measured"),
    ),
    lists=(
        List(
            title=Words("What to measure next", "下一步该测什么"),
            columns=(
                Words("figure", "数字"),
                Words("share of the variance", "方差中的份额"),
                Words("how", "如何测"),
            ),
            rows=unknown,
        ),
    ),
    measures=("src/argosy/venture", "src/argosy/project/venturing", "src/argosy/config/venture"),
)

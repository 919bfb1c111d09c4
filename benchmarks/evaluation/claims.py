"""What is claimed of what is said of models."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words

from argosy.report.numbers import interval

STATISTICS = tuple(
    f"src/argosy/evaluate/{name}"
    for name in ("intervals.py", "metrics.py", "paired.py", "power.py", "ranks.py", "selection.py")
)
BUILT = tuple(f"src/argosy/{room}" for room in ("data", "models", "train", "evaluate", "infer", "compress", "stages"))


def misses(one: Found) -> Iterator[list[str]]:
    """Every interval that missed, and every test that told equals apart too often."""
    yield from ([miss, "–"] for miss in one["misses"])
    yield from (["–", false] for false in one["false_better_above_5"])


def rungs(one: Found) -> Iterator[list[str]]:
    """The candidates with the metric of the choice."""
    metric = one["choice"]["metric"]
    for name, figures in {**one["baselines"], "tuned": one["model"], "served": one["metrics"]}.items():
        yield [name, interval(figures[metric])]


def climbed(data: str, en: str, zh: str) -> Claim:
    """The ladder on one set of texts."""
    return Claim(
        script="evaluation.ladder",
        data=data,
        says=Words(f"tuning earns its place on {en}", f"微调在{zh}上物有所值"),
        against=Words("the best baseline, over three trainings", "最佳基线，三次训练"),
        minutes=12,
        figures=(
            Figure(
                what=Words("tuning less the best baseline, points", "微调减最佳基线，百分点"),
                at="seeds",
                unit="points",
                goal=">= 0",
            ),
        ),
        measures=BUILT,
        lists=(
            List(
                title=Words(f"Ladder: {en}", f"阶梯：{zh}"),
                columns=(Words("candidate", "候选"), Words("metric of the choice", "选择所用指标")),
                rows=rungs,
            ),
        ),
    )


CLAIMS = (
    Claim(
        script="evaluation.intervals",
        says=Words("intervals hold the true figure in 94 to 96 % of samples", "区间在 94% 到 96% 的样本中包含真值"),
        against=Words("populations whose true figure is known", "真值已知的总体"),
        minutes=15,
        figures=(
            Figure(what=Words("settings within 94 to 96 %", "落在 94%–96% 的设置"), at="within", goal=">= 225"),
            Figure(
                what=Words("equals called better by the rule of choice", "选择规则把相同的说成更好"),
                at="selection_false_better/*",
                unit="%",
                goal="<= 0.05",
            ),
            Figure(
                what=Words("intervals and p values that contradict", "区间与 p 值矛盾"),
                at="interval_and_p_contradict",
                goal="= 0",
            ),
            Figure(
                what=Words("equal methods called better over three seeds", "三个种子把相同方法说成更好"),
                at="seeds/false_better_of_methods",
                unit="%",
                goal="<= 0.05",
            ),
            Figure(what=Words("settings", "设置"), at="settings"),
        ),
        measures=STATISTICS,
        lists=(
            List(
                title=Words("Intervals that miss 94 to 96 %", "未达标的区间"),
                columns=(Words("coverage", "覆盖率"), Words("equals called better", "把相同的说成更好")),
                rows=misses,
            ),
        ),
    ),
    Claim(
        script="evaluation.calibration",
        says=Words("selective answers keep the stated error rate", "选择性回答守住声明的错误率"),
        against=Words("models whose true chances are known", "真实概率已知的模型"),
        minutes=4,
        figures=(
            Figure(
                what=Words("draws that break the stated rate", "违反声明错误率的抽样"),
                at="broken",
                unit="%",
                goal="<= 0.05",
            ),
            Figure(
                what=Words("coverage of calibration errors, lowest and highest", "校准误差的覆盖率，最低与最高"),
                at="coverage/*",
                unit="%",
            ),
        ),
        measures=(
            "src/argosy/evaluate/doubts/calibration.py",
            "src/argosy/evaluate/doubts/selective.py",
            *STATISTICS,
        ),
    ),
    climbed("", "the reviews of the example", "示例评论"),
    climbed("banking77", "banking77", "banking77"),
)

"""What is claimed of the care of rows."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words

from argosy.report.numbers import interval

STATISTICS = tuple(f"src/argosy/evaluate/{name}.py" for name in ("intervals", "metrics", "paired", "ranks"))
CHECKSUMMED = (("resident_id", "居民身份证"), ("bank_card", "银行卡"), ("uscc", "统一社会信用代码"), ("iban", "IBAN"))


def kinds(one: Found) -> Iterator[list[str]]:
    """Every kind of personal data."""
    for kind, found in one["kinds"].items():
        yield [f"`{kind}`", interval(found["recall"]), interval(found["precision"]), f"{found['rows']:,}"]


CLAIMS = (
    Claim(
        script="data.redaction",
        says=Words("redaction of generated values in real sentences", "真实句子中生成的个人信息的遮盖"),
        against=Words("the values that were planted", "埋入的值"),
        minutes=2,
        figures=(
            Figure(
                what=Words("recall, worst kind", "召回率，最差类别"), at="kinds/*/recall", unit="auto", goal=">= 0.98"
            ),
            *(
                Figure(
                    what=Words(f"precision, {kind}", f"精确率，{zh}"),
                    at=f"kinds/{kind}/precision",
                    unit="auto",
                    goal=">= 0.95",
                )
                for kind, zh in CHECKSUMMED
            ),
            Figure(what=Words("real lines/s", "真实行/秒"), at="real_lines_per_s"),
        ),
        measures=("src/argosy/data/redact",),
        lists=(
            List(
                title=Words("Personal data", "个人信息"),
                columns=(
                    Words("kind", "类别"),
                    Words("recall", "召回率"),
                    Words("precision", "精确率"),
                    Words("values", "个数"),
                ),
                rows=kinds,
            ),
        ),
    ),
    Claim(
        script="data.near_duplicates",
        says=Words(
            "planted near-duplicates are found, in a pool and across splits", "埋入的近似重复被找到，池内与跨切分"
        ),
        against=Words("the twins that were planted", "埋入的近似行"),
        minutes=6,
        figures=(
            Figure(what=Words("recall, worst kind", "召回率，最差类别"), at="worst", unit="%", goal=">= 0.99"),
            Figure(
                what=Words("recall, a million rows", "召回率，一百万行"), at="large/found", unit="%", goal=">= 0.99"
            ),
            Figure(what=Words("rows/s", "行/秒"), at="large/rows_per_second"),
            Figure(what=Words("peak memory", "内存峰值"), at="large/peak_memory_gb", unit="GB"),
        ),
        measures=("src/argosy/data/near.py", "src/argosy/data/sketch.py"),
    ),
    Claim(
        script="data.stream",
        says=Words("a large file is checked in bounded memory", "大文件在有界内存中检查"),
        against=Words("the size of the file", "文件大小"),
        minutes=11,
        figures=(
            Figure(what=Words("rows", "行"), at="rows", goal=">= 5000000"),
            Figure(what=Words("peak memory", "内存峰值"), at="formats/*/peak_mb", unit="MiB", goal="<= 2048"),
            Figure(what=Words("rows/s", "行/秒"), at="formats/*/rows_per_s"),
        ),
        measures=("src/argosy/data", "src/argosy/stages"),
    ),
    Claim(
        script="data.label_errors",
        says=Words("planted label errors are ranked and found", "埋入的标签错误被排序和找到"),
        against=Words(
            "cleanlab: get_label_quality_scores, find_label_issues",
            "cleanlab：get_label_quality_scores、find_label_issues",
        ),
        minutes=3,
        figures=(
            Figure(
                what=Words("mean AUPRC (cleanlab's best: 0.424)", "平均 AUPRC（cleanlab 最佳 0.424）"),
                at="quality",
                goal=">= 0.424",
            ),
            Figure(what=Words("the same suspects", "相同的可疑行"), at="shared_suspects", unit="%", goal=">= 0.99"),
            Figure(what=Words("cleanlab's mean AUPRC, by score", "cleanlab 平均 AUPRC，按分数"), at="peer_quality/*"),
        ),
        measures=(
            "src/argosy/data/labels/mislabelled.py",
            "src/argosy/evaluate/rivals/out_of_fold.py",
            *STATISTICS,
        ),
    ),
    Claim(
        script="data.augmentation",
        says=Words(
            "augmentation is applied only where it helps on validation rows", "仅当在验证集上有帮助时才增强数据"
        ),
        against=Words("the same linear model on the rows as they are", "同一线性模型，原样数据"),
        minutes=2,
        figures=(
            Figure(what=Words("methods tried", "尝试的方法"), at="tried", goal=">= 12"),
            Figure(what=Words("methods that help on clean rows", "对干净行有帮助"), at="helps_on_clean"),
            Figure(what=Words("methods that help on noisy rows", "对有噪声的行有帮助"), at="helps_on_noisy"),
        ),
        measures=(
            "src/argosy/data/perturb.py",
            "src/argosy/data/augment.py",
            "src/argosy/evaluate/ablation.py",
        ),
    ),
)

"""What is claimed of smaller models: what they gain, and what it costs."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words

from argosy.report.numbers import brief, interval, points, rounded, share

TRAINING = ("src/argosy/train", "src/argosy/models")
SERVED = ("src/argosy/infer", "src/argosy/compress")


def frontiers(one: Found) -> Iterator[list[str]]:
    """Every point of both languages."""
    for language, found in one["frontiers"].items():
        for point in found:
            figures = [rounded(point["texts_per_s"], 3), rounded(point["p99_ms"]), brief(point["size_mb"])]
            loss = point["loss"]
            lost = f"{points(-loss['difference'])} [{points(-loss['high'])}, {points(-loss['low'])}]"
            name = f"→ {point['name']}" if point["name"] == one["picked"][language]["name"] else point["name"]
            marked = f"{name} ✗" if point["refused"] else name
            yield [language, marked, interval(point["quality"]), lost, *figures, rounded(point["cost"])]


def weights(one: Found) -> Iterator[list[str]]:
    """Each language model with its weights in fewer bits."""
    for model, found in one["models"].items():
        for kind, told in found["kinds"].items():
            lost = "; ".join(
                f"{language} {loss['difference']:+.4f} [{loss['low']:+.4f}, {loss['high']:+.4f}]"
                for language, loss in told["loss"].items()
            )
            same, pace = share(told["agreement"]["value"]), f"{told['tokens_per_s']:.0f}"
            yield [model, kind, f"{told['size_mb']:.1f}", lost, same, pace]


CLAIMS = (
    Claim(
        script="compression.compress",
        says=Words("the fastest smaller Transformer within one point", "一个百分点以内最快的小 Transformer"),
        against=Words("its own fp32 original, same engine and batching", "自身的 fp32 原模型，同引擎同批量"),
        minutes=45,
        figures=(
            *(
                Figure(
                    what=Words(f"{en}, texts/s", f"{zh}，吞吐"),
                    at=f"ratio/{key}",
                    unit="×",
                    goal=">= 5",
                    stretch=">= 10",
                )
                for key, en, zh in (("zh", "Chinese", "中文"), ("en", "English", "英文"))
            ),
            *(
                Figure(
                    what=Words(f"{en}, points on the test rows", f"{zh}，测试集百分点"),
                    at=f"quality/{key}",
                    unit="points",
                    goal=">= -0.01",
                )
                for key, en, zh in (("zh", "Chinese", "中文"), ("en", "English", "英文"))
            ),
            *(
                Figure(
                    what=Words(f"{en}, smaller", f"{zh}，更小"),
                    at=f"size_ratio_untrimmed/{key}",
                    unit="×",
                    goal=">= 8",
                    stretch=">= 20",
                )
                for key, en, zh in (("zh", "Chinese", "中文"), ("en", "English", "英文"))
            ),
        ),
        measures=(*TRAINING, *SERVED, "src/argosy/stages/smaller"),
        lists=(
            List(
                title=Words("Frontier", "权衡前沿"),
                columns=(
                    Words("texts", "文本"),
                    Words("point (→ picked, ✗ refused)", "模型（→ 选中，✗ 拒绝）"),
                    Words("macro F1, validation", "验证集宏平均 F1"),
                    Words("against tuned, points", "对比微调，百分点"),
                    Words("texts/s", "条/秒"),
                    Words("p99 ms", "p99 毫秒"),
                    Words("MB", "MB"),
                    Words("CNY for 1,000", "每千条人民币"),
                ),
                rows=frontiers,
            ),
        ),
    ),
    Claim(
        script="compression.static",
        says=Words("labels by a table distilled from the Transformer", "用 Transformer 蒸馏成的表给标签"),
        against=Words("the fp32 Transformer it was distilled from", "被蒸馏的 fp32 Transformer"),
        minutes=6,
        figures=(
            Figure(what=Words("texts/s", "吞吐"), at="ratio", unit="×", goal=">= 50"),
            Figure(
                what=Words("accuracy less the linear model's", "准确率减线性模型"),
                at="quality/less_linear",
                unit="points",
                goal=">= 0",
            ),
            Figure(what=Words("accuracy less the teacher's", "准确率减教师"), at="quality/less_teacher", unit="points"),
            Figure(what=Words("accuracy", "准确率"), at="quality/accuracy", unit="%", of="texts"),
            Figure(what=Words("texts/s, by model", "条/秒，按模型"), at="texts_per_s/*"),
            Figure(what=Words("size", "大小"), at="size_mb", unit="MB"),
        ),
        measures=("src/argosy/compress/static.py", "src/argosy/compress/static_graph.py"),
    ),
    Claim(
        script="compression.vocabulary",
        says=Words("a vocabulary of the pieces that held-out texts need", "只含未见文本所需词片的词表"),
        against=Words("the vocabulary before", "原词表"),
        minutes=2,
        figures=(
            Figure(
                what=Words("pieces of unseen texts kept", "未见文本的词片保留"),
                at="quality/kept_pieces",
                unit="%",
                goal=">= 0.99",
            ),
            Figure(what=Words("fewer pieces", "词片减少"), at="ratio", unit="×"),
            Figure(what=Words("texts read as before", "读法不变的文本"), at="quality/same_texts", unit="%", of="texts"),
            Figure(what=Words("unknown pieces", "未知词片"), at="quality/unknown_after", unit="%"),
        ),
        measures=("src/argosy/compress/trim.py", "src/argosy/compress/pieces.py"),
    ),
    Claim(
        script="compression.pruning",
        says=Words("half of the heads and units cut by importance, recovered", "按重要性剪去一半的头和单元，再恢复"),
        against=Words("the same cut by the norm of the weights", "按权重范数剪去同样多"),
        minutes=15,
        figures=(
            Figure(
                what=Words("accuracy less the peer's", "准确率减对方"),
                at="taylor_less_magnitude",
                unit="points",
                goal=">= 0",
            ),
            Figure(what=Words("accuracy", "准确率"), at="quality", unit="%"),
        ),
        measures=(*TRAINING, "src/argosy/compress"),
    ),
    Claim(
        script="compression.quantise",
        says=Words("the first 8-bit candidate", "首个 8 位候选"),
        against=Words("the fp32 graph, same engine and batching", "fp32 图，同引擎同批量"),
        minutes=4,
        figures=(
            Figure(
                what=Words("labels of fp32", "与 fp32 相同的标签"), at="agreement", unit="%", goal=">= 0.99", of="texts"
            ),
            Figure(
                what=Words("labels that change with company", "随同批变化的标签"), at="flips_in_company", goal="= 0"
            ),
            Figure(what=Words("texts/s", "吞吐"), at="ratio", unit="×"),
            Figure(what=Words("size", "大小"), at="size_mb", unit="MB"),
            Figure(what=Words("dynamic: texts/s", "动态量化：吞吐"), at="dynamic/ratio", unit="×"),
            Figure(
                what=Words("dynamic: labels of fp32", "动态量化：标签相同"),
                at="dynamic/agreement",
                unit="%",
                of="texts",
            ),
            Figure(what=Words("dynamic: flips in company", "动态量化：随同批变化"), at="dynamic/flips_in_company"),
        ),
        measures=SERVED,
    ),
    Claim(
        script="compression.quantised_text",
        says=Words(
            "language models in fewer bits, within 1 % of their bits per byte",
            "更少位的语言模型，每字节比特数差在 1% 内",
        ),
        against=Words("the same model in torch fp32, one text at a time", "同一模型 torch fp32，逐条"),
        minutes=8,
        figures=(
            Figure(what=Words("tokens/s, at least", "词元/秒，至少"), at="ratio", unit="×", goal=">= 2"),
            Figure(what=Words("smaller, at least", "更小，至少"), at="size_ratio", unit="×"),
        ),
        measures=(
            "src/argosy/compress/gguf.py",
            "src/argosy/compress/gguf_gate.py",
            "src/argosy/infer/engines/gguf.py",
        ),
        lists=(
            List(
                title=Words("Language models in fewer bits", "更少位的语言模型"),
                columns=(
                    Words("model", "模型"),
                    Words("weights", "权重"),
                    Words("MB", "MB"),
                    Words("bits per byte lost", "每字节损失的比特"),
                    Words("same tokens", "相同词元"),
                    Words("tokens/s", "词元/秒"),
                ),
                rows=weights,
            ),
        ),
    ),
)

"""What is claimed of learning: how fast it is, and what is kept of it."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words

from argosy.report.numbers import interval, points

TRAINING = ("src/argosy/train", "src/argosy/models")
SIDES = ("clean", "spoilt", "attack")


def texts(one: Found) -> Iterator[list[str]]:
    """Bits per byte in each language."""
    for text, found in one["quality"].items():
        training = found["training"]
        took = f"{training['tokens']:,}; {training['seconds']:.0f} s ({training['predicted_seconds']:.0f})"
        yield [text, bits(found["decoder"]), bits(found["kneser_ney"]), f"{min(found['xz'].values()):.3f}", took]


def methods(one: Found) -> Iterator[list[str]]:
    """What each method forgot and learnt."""
    for name, found in one["methods"].items():
        old, new = found["old"], found["new"]
        yield [name, interval(old["before"]), interval(old["after"]), gap(found["forgetting"]), interval(new["after"])]


def attacked(one: Found) -> Iterator[list[str]]:
    """Each method on clean, spoilt and attacked texts."""
    for place, found_by_method in one["settings"].items():
        for name, found in found_by_method.items():
            versus = found.get("versus_plain", {})
            told = [interval(found[side]) + (f" ({gap(versus[side])})" if side in versus else "") for side in SIDES]
            yield [f"{place}, {name}", *told, f"{found['times_plain']}"]


def bits(found: Found) -> str:
    """Bits per byte with their interval."""
    return f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


def gap(found: Found) -> str:
    """A difference in points with its interval."""
    return f"{points(found['difference'])} [{points(found['low'])}, {points(found['high'])}]"


CLAIMS = (
    Claim(
        script="training.finetune",
        says=Words("fine-tuning to equal accuracy", "微调到同等准确率"),
        against=Words(
            "transformers Trainer at its defaults, and at its best settings", "transformers Trainer 默认设置与最佳设置"
        ),
        minutes=40,
        figures=(
            Figure(
                what=Words("less time than the defaults", "对比默认设置省时"),
                at="ratio",
                unit="×",
                goal=">= 3.9",
                stretch=">= 6",
            ),
            Figure(
                what=Words("less time than the best settings", "对比最佳设置省时"),
                at="ratio_to_best",
                unit="×",
                goal=">= 2",
                stretch=">= 3",
            ),
            Figure(
                what=Words("accuracy less the defaults'", "准确率减默认设置"),
                at="quality/small - trainer, defaults",
                unit="points",
                goal=">= -0.01",
            ),
            Figure(
                what=Words("accuracy less the best settings'", "准确率减最佳设置"),
                at="quality/small - trainer, best",
                unit="points",
                goal=">= -0.01",
            ),
        ),
        measures=TRAINING,
    ),
    Claim(
        script="training.pretrain",
        says=Words("pre-training, tokens a second", "预训练每秒词元"),
        against=Words("eager fp32 loop with AdamW, the same model and batches", "eager fp32 循环，AdamW，同模型同批"),
        minutes=6,
        figures=(
            Figure(what=Words("tokens/s", "词元/秒"), at="ratio", unit="×", goal=">= 2.3", stretch=">= 3"),
            Figure(
                what=Words("validation bits per byte", "验证集每字节比特"),
                at="quality/validation_bits_per_byte_ours",
            ),
            Figure(
                what=Words("validation bits per byte of the peer", "对方验证集每字节比特"),
                at="quality/validation_bits_per_byte_peer",
            ),
        ),
        measures=TRAINING,
    ),
    Claim(
        script="training.bits_per_byte",
        says=Words("held-out text in fewer bits per UTF-8 byte", "未见文本每个 UTF-8 字节用更少比特"),
        against=Words(
            "modified Kneser-Ney 5-gram and xz, fitted on the same text", "同一文本上的改良 Kneser-Ney 五元模型和 xz"
        ),
        minutes=25,
        figures=(
            Figure(what=Words("fewer bits than the best peer", "比最佳对方省比特"), at="ratio", unit="×", goal=">= 1"),
            Figure(what=Words("both beaten", "两者都胜"), at="beats_both", unit="truth", goal="= 1"),
        ),
        measures=(
            *TRAINING,
            "src/argosy/evaluate/rivals/kneser_ney.py",
            "src/argosy/evaluate/rivals/byte_models.py",
        ),
        lists=(
            List(
                title=Words("Bits per UTF-8 byte", "每字节比特数"),
                columns=(
                    Words("text", "文本"),
                    Words("decoder", "解码器"),
                    Words("Kneser-Ney", "Kneser-Ney"),
                    Words("xz", "xz"),
                    Words("tokens; time (foretold)", "词元；用时（预告）"),
                ),
                rows=texts,
            ),
        ),
    ),
    Claim(
        script="training.adversarial_training",
        says=Words(
            "adversarial training and R-Drop on clean, spoilt and attacked texts",
            "对抗训练与 R-Drop：干净、受损和受攻击的文本",
        ),
        against=Words("the same training with the plain objective", "同样训练，普通目标"),
        minutes=60,
        figures=(
            Figure(what=Words("losses shown on clean texts", "干净文本上的损失"), at="clean_losses_shown", goal="= 0"),
            *(
                Figure(what=Words(f"{en}: gains shown", f"{zh}：提升"), at=f"{side}_gains_shown")
                for side, en, zh in (
                    ("clean", "clean", "干净"),
                    ("spoilt", "spoilt", "受损"),
                    ("attack", "attacked", "受攻击"),
                )
            ),
            Figure(what=Words("settings tried", "尝试的设置"), at="tried"),
        ),
        measures=(
            *TRAINING,
            "src/argosy/evaluate/doubts/robustness.py",
            "src/argosy/evaluate/doubts/adversarial.py",
        ),
        lists=(
            List(
                title=Words("Adversarial training", "对抗训练"),
                columns=(
                    Words("texts, method", "文本，方法"),
                    Words("clean", "干净"),
                    Words("spoilt", "受损"),
                    Words("attacked", "受攻击"),
                    Words("× time", "× 时间"),
                ),
                rows=attacked,
            ),
        ),
    ),
    Claim(
        script="training.forgetting",
        says=Words("what is forgotten of reviews after learning tweets", "学习推文后对评论的遗忘"),
        against=Words("learning on with nothing that holds the old knowledge", "不保护旧知识地继续学习"),
        minutes=20,
        figures=(
            Figure(
                what=Words("points forgotten, by method", "遗忘的百分点，按方法"),
                at="forgetting/*",
                unit="points",
                goal="<= 0.02",
            ),
        ),
        measures=(*TRAINING, "src/argosy/evaluate/doubts/forgetting.py"),
        lists=(
            List(
                title=Words("Forgetting", "遗忘"),
                columns=(
                    Words("method", "方法"),
                    Words("old before", "旧任务之前"),
                    Words("old after", "旧任务之后"),
                    Words("points forgotten", "遗忘的百分点"),
                    Words("new after", "新任务之后"),
                ),
                rows=methods,
            ),
        ),
    ),
    Claim(
        script="training.resume",
        says=Words("a training killed at random steps ends with the same bits", "随机步数被杀的训练以相同的比特结束"),
        against=Words("the undisturbed training", "未受干扰的训练"),
        minutes=15,
        figures=(
            Figure(
                what=Words("hashes equal, every method", "每种方法哈希相同"),
                at="methods/*/equal",
                unit="truth",
                goal=">= 1",
            ),
            Figure(what=Words("kills, each method", "每种方法杀进程次数"), at="kills", goal=">= 50"),
        ),
        measures=("src/argosy/train", "tests/killable_training.py"),
    ),
)

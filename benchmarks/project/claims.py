"""What is claimed of a project as a whole."""

from benchmarks.claim import Claim, Figure, Words

BUILT = tuple(
    f"src/argosy/{room}" for room in ("data", "models", "train", "evaluate", "infer", "compress", "stages", "project")
)

CLAIMS = (
    Claim(
        script="project.startup",
        says=Words("the first word of the command line", "命令行的第一句话"),
        against=Words("transformers --help", "transformers --help"),
        minutes=1,
        figures=(
            Figure(
                what=Words("`argosy --help`", "`argosy --help`"),
                at="seconds",
                unit="s",
                goal="<= 0.5",
                stretch="<= 0.2",
            ),
            Figure(what=Words("sooner", "更快"), at="ratio", unit="×"),
        ),
        measures=("src/argosy/ui/cli.py", "src/argosy/__init__.py", "src/argosy/core/language.py"),
    ),
    Claim(
        script="project.build",
        says=Words("a bilingual project from CSV to a served model on two cores", "双核上从 CSV 到上线模型的双语项目"),
        against=Words("six minutes", "六分钟"),
        minutes=5,
        figures=(
            Figure(what=Words("build", "构建"), at="seconds", unit="s", goal="<= 360"),
            Figure(what=Words("peak memory", "内存峰值"), at="peak_memory_gb", unit="GB"),
            Figure(what=Words("accuracy as served", "上线准确率"), at="metrics/accuracy", unit="%"),
        ),
        measures=(*BUILT, "examples/reviews/argosy.toml", "examples/reviews/prepare.py"),
    ),
    Claim(
        script="project.kills",
        says=Words("a run killed at random moments goes on", "随机时刻被杀的运行继续下去"),
        against=Words("the undisturbed run", "未受干扰的运行"),
        minutes=45,
        figures=(
            Figure(what=Words("all equal", "全部相同"), at="passed", unit="truth", goal="= 1"),
            Figure(what=Words("kills", "杀进程次数"), at="kills", goal=">= 100"),
        ),
        measures=BUILT,
    ),
)

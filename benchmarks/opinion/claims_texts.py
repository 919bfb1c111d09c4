"""What is claimed of what a monitor reads out of texts, and of how it keeps them."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words

REPOSTS = Claim(
    script="opinion.reposts",
    says=Words(
        "reposts with edits become one story, and texts of the same frame do not, in both languages",
        "带改动的转发归为同一件事，同一模板的不同内容不会，中英文皆然",
    ),
    against=Words(
        "equal texts, equal normal forms, MinHash alone, Argosy's own near-duplicates of training rows",
        "原文相同、规范形式相同、单用 MinHash、Argosy 自己的训练数据近重判定",
    ),
    minutes=12,
    figures=(
        Figure(what=Words("recall of pairs, English", "英文成对召回率"), at="ours/en/recall", unit="%", goal=">= 0.97"),
        Figure(
            what=Words("precision of pairs, English", "英文成对精确率"),
            at="ours/en/precision",
            unit="%",
            goal=">= 0.97",
        ),
        Figure(what=Words("recall of pairs, Chinese", "中文成对召回率"), at="ours/zh/recall", unit="%", goal=">= 0.97"),
        Figure(
            what=Words("precision of pairs, Chinese", "中文成对精确率"),
            at="ours/zh/precision",
            unit="%",
            goal=">= 0.97",
        ),
        Figure(
            what=Words("MinHash at .5, precision, English", "MinHash（0.5）英文精确率"),
            at="peers/minhash_5/en/precision",
            unit="%",
        ),
        Figure(
            what=Words("MinHash at .5, recall, English", "MinHash（0.5）英文召回率"),
            at="peers/minhash_5/en/recall",
            unit="%",
        ),
        Figure(
            what=Words("near-duplicates at .8, precision, Chinese", "近重判定（0.8）中文精确率"),
            at="peers/near_8/zh/precision",
            unit="%",
        ),
        Figure(
            what=Words("near-duplicates at .8, recall, Chinese", "近重判定（0.8）中文召回率"),
            at="peers/near_8/zh/recall",
            unit="%",
        ),
        Figure(what=Words("alike reposts that meet", "相似转发相遇的比例"), at="meet/*", unit="%", goal=">= 0.99"),
        Figure(
            what=Words("stories of 100,000 posts of a bot", "10 万条机器人帖子归成几件事"),
            at="flood/*/stories",
            goal="<= 1",
        ),
        Figure(what=Words("in seconds of one core", "单核用时"), at="flood/*/seconds", unit="s"),
        Figure(what=Words("sketches a second and core", "单核每秒草图数"), at="per_second/*", goal=">= 3000"),
    ),
    measures=(
        "src/argosy/opinion/stories",
        "src/argosy/data/sketch.py",
        "src/argosy/data/near.py",
        "benchmarks/opinion/edits.py",
    ),
)


def answered(one: Found) -> Iterator[list[str]]:
    """Each size and question: the milliseconds of the log and of plain rows."""
    for size, found in one["volume"].items():
        for name, ms in found["ms"].items():
            yield [f"{int(size):,}", name.replace("_", " "), f"{ms['ours']:.1f}", f"{ms['rows']:.1f}"]


def taken(one: Found) -> Iterator[list[str]]:
    """Each size: texts a second of each kind, and bytes a text."""
    for size, found in one["volume"].items():
        speeds = [f"{found['take']['core'][kind]:,.0f}" for kind in ("new", "near", "equal", "rows")]
        weights = [f"{found['bytes'][part]:,.0f}" for part in ("parquet", "database", "rows")]
        yield [f"{int(size):,}", *speeds, *weights]


ENTITIES = Claim(
    script="opinion.entities",
    says=Words(
        "what is felt about each of two entities is read from the parts that speak of it, on synthetic texts",
        "文中两个实体各自的情感由谈到它的部分读出（合成文本）",
    ),
    against=Words("the sentiment of the whole text for every entity", "整篇文本的情感用于每个实体"),
    minutes=3,
    figures=(
        Figure(what=Words("entities told right, English", "英文实体情感准确率"), at="by/en/ours", unit="%"),
        Figure(what=Words("by the whole text, English", "英文整篇情感的准确率"), at="by/en/whole", unit="%"),
        Figure(what=Words("what is said of one alone, English", "英文单独成句时的准确率"), at="by/en/alone", unit="%"),
        Figure(
            what=Words("texts told better less worse, English", "英文改善与变差文本之差"),
            at="by/en/gained",
            unit="points",
            goal=">= 0.1",
        ),
        Figure(what=Words("entities told right, Chinese", "中文实体情感准确率"), at="by/zh/ours", unit="%"),
        Figure(what=Words("by the whole text, Chinese", "中文整篇情感的准确率"), at="by/zh/whole", unit="%"),
        Figure(what=Words("what is said of one alone, Chinese", "中文单独成句时的准确率"), at="by/zh/alone", unit="%"),
        Figure(
            what=Words("texts told better less worse, Chinese", "中文改善与变差文本之差"),
            at="by/zh/gained",
            unit="points",
            goal=">= 0.1",
        ),
        Figure(
            what=Words("texts a second in which 1,000 entities are looked for", "每秒可在其中查找 1000 个实体的文本数"),
            at="find/*/per_second",
            goal=">= 1000",
        ),
    ),
    measures=("src/argosy/opinion/entities", "benchmarks/opinion/composed.py"),
)
SHARES = Claim(
    script="opinion.shares",
    says=Words(
        "the corrected share of negative holds the true one as often as its 95 % interval says",
        "校正后的负面占比区间以所称的 95% 概率包含真值",
    ),
    against=Words(
        "the share as the classifier says it, the inverse matrix, bootstrapped matrices, EM, rectified (simulated)",
        "分类器原始占比、逆矩阵、自助法矩阵、EM、预测校正（模拟数据）",
    ),
    minutes=4,
    figures=(
        Figure(
            what=Words("intervals that hold the truth", "包含真值的区间"),
            at="by/ours/coverage",
            unit="%",
            goal=">= 0.94",
        ),
        Figure(
            what=Words("the lowest of any part of the settings", "各类设定中最低者"),
            at="lowest",
            unit="%",
            goal=">= 0.94",
        ),
        Figure(what=Words("of the uncorrected share", "未校正占比"), at="by/raw/coverage", unit="%"),
        Figure(what=Words("of the inverse matrix", "逆矩阵"), at="by/inverse/coverage", unit="%"),
        Figure(what=Words("of bootstrapped matrices", "自助法矩阵"), at="by/draws/coverage", unit="%"),
        Figure(what=Words("of EM", "EM"), at="by/em/coverage", unit="%"),
        Figure(what=Words("of rectified shares", "预测校正"), at="by/rectified/coverage", unit="%"),
        Figure(what=Words("mean width", "平均宽度"), at="by/ours/width"),
        Figure(what=Words("of bootstrapped matrices", "自助法矩阵的平均宽度"), at="by/draws/width"),
        Figure(what=Words("bias", "偏差"), at="by/ours/bias"),
        Figure(what=Words("of the uncorrected share", "未校正占比的偏差"), at="by/raw/bias"),
        Figure(
            what=Words("two languages with errors of their own", "两种语言各有误差"),
            at="joined/languages",
            unit="%",
            goal=">= 0.94",
        ),
        Figure(what=Words("changes between two cells", "两个时段之差"), at="joined/change", unit="%", goal=">= 0.94"),
        Figure(
            what=Words("numbers of negatives among the very texts", "所列文本中的负面数量"),
            at="joined/number",
            unit="%",
            goal=">= 0.94",
        ),
        Figure(what=Words("cells a second", "每秒单元数"), at="per_second", goal=">= 2000"),
    ),
    measures=("src/argosy/opinion/counting",),
)
EMERGING = Claim(
    script="opinion.emerging",
    data="banking77",
    says=Words(
        "topics that no model knows are found among noise and kept apart, on Banking77",
        "在 Banking77 上，从噪声中找出模型未知的话题并彼此区分",
    ),
    against=Words(
        "k-means on TF-IDF that is told the number of topics; one group for all",
        "已知话题数的 TF-IDF k-means；全部归为一组",
    ),
    minutes=3,
    figures=(
        Figure(
            what=Words("purity of groups, noise counted", "分组纯度（计入噪声）"),
            at="ours/purity",
            unit="%",
            goal=">= 0.75",
        ),
        Figure(what=Words("of k-means on the same texts", "k-means 在同样文本上的纯度"), at="same/purity", unit="%"),
        Figure(what=Words("of one group", "单一组的纯度"), at="majority/purity", unit="%"),
        Figure(
            what=Words("V-measure gained over k-means", "V 值比 k-means 提高"),
            at="gained/v_measure",
            unit="points",
            goal=">= 0",
        ),
        Figure(what=Words("V-measure of the grouped texts", "已分组文本的 V 值"), at="ours/v_measure", goal=">= 0.7"),
        Figure(what=Words("of k-means on the same texts", "k-means 在同样文本上的 V 值"), at="same/v_measure"),
        Figure(what=Words("texts of topics that are grouped", "话题文本被分组的比例"), at="ours/covered", unit="%"),
        Figure(what=Words("noise that is grouped", "噪声被分组的比例"), at="ours/noise", unit="%"),
        Figure(what=Words("topics found", "找到的话题"), at="ours/found", unit="%"),
        Figure(what=Words("purity, Chinese (synthetic)", "纯度，中文（合成数据）"), at="zh/ours/purity", unit="%"),
        Figure(
            what=Words("V-measure gained over k-means, Chinese (synthetic)", "V 值比 k-means 提高，中文（合成数据）"),
            at="zh/gained/v_measure",
            unit="points",
        ),
        Figure(what=Words("seconds for 10,000 texts", "1 万条文本所需秒数"), at="seconds", unit="s", goal="<= 10"),
    ),
    measures=("src/argosy/opinion/emerging", "src/argosy/data/words.py", "benchmarks/support/shop.zh.toml"),
)
SCALE = Claim(
    script="opinion.scale",
    says=Words(
        "keeping texts costs little, and the log's answers stay quick as topics and texts grow",
        "保存文本的开销很小；主题和文本增多，日志依然答得快",
    ),
    against=Words(
        "the same log as plain rows of SQLite, which finds no stories", "同一日志存为 SQLite 普通行，不归并事件"
    ),
    minutes=4,
    figures=(
        Figure(what=Words("new texts a second and core", "单核每秒新文本"), at="take/core/new", goal=">= 900"),
        Figure(
            what=Words("alike texts of a flood a second and core", "单核每秒刷屏的相似文本"),
            at="take/core/near",
            goal=">= 900",
        ),
        Figure(
            what=Words("equal texts of a flood a second and core", "单核每秒刷屏的相同文本"),
            at="take/core/equal",
            goal=">= 900",
        ),
        Figure(what=Words("new texts a second and core, plain rows", "单核每秒新文本（普通行）"), at="take/core/rows"),
        Figure(what=Words("new texts a second by the clock", "按时钟每秒新文本"), at="take/clock/new"),
        Figure(
            what=Words("times slower with 1,000 topics than with 10", "1,000 个主题比 10 个慢的倍数"),
            at="slower/topics",
            goal="<= 1.3",
        ),
        Figure(
            what=Words("times slower with the most texts than with the fewest", "文本最多时比最少时慢的倍数"),
            at="slower/volume",
            goal="<= 2",
        ),
        Figure(
            what=Words("stories of a day, at every size", "一天的事件，各种规模"),
            at="volume/*/ms/stories_of_day/ours",
            unit="ms",
            goal="<= 200",
        ),
        Figure(
            what=Words("four weeks of a topic", "一个主题的四周"),
            at="volume/*/ms/month_of_topic/ours",
            unit="ms",
            goal="<= 200",
        ),
    ),
    measures=("src/argosy/store/opinion",),
    lists=(
        List(
            title=Words("Answers of the opinion log and of plain rows, ms", "舆情日志与普通行的应答时间，毫秒"),
            columns=(
                Words("texts", "文本数"),
                Words("question", "问题"),
                Words("log", "日志"),
                Words("plain rows", "普通行"),
            ),
            rows=answered,
        ),
        List(
            title=Words(
                "Texts a second and core that the log takes, and bytes a text",
                "日志单核每秒接收的文本，及每条文本的字节数",
            ),
            columns=(
                Words("texts", "文本数"),
                Words("new", "新文本"),
                Words("alike", "相似"),
                Words("equal", "相同"),
                Words("plain rows", "普通行"),
                Words("Parquet", "Parquet"),
                Words("database", "数据库"),
                Words("plain rows", "普通行"),
            ),
            rows=taken,
        ),
    ),
)

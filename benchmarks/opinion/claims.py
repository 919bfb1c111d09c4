"""What is claimed of the opinion monitor."""

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
    measures=("src/argosy/opinion/emerging", "benchmarks/support/shop.zh.toml"),
)
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
EXACTLY_ONCE = Claim(
    script="opinion.exactly_once",
    says=Words(
        "each post of a Redis stream counts once, though its workers are killed and posts come twice",
        "即使工作进程被强制终止、帖子重复到达，Redis 流中的每条帖子只计一次",
    ),
    against=Words(
        "counting without ids, acknowledged after counting (at least once) or before (at most once)",
        "不记标识的计数：计数后确认（至少一次）或计数前确认（至多一次）",
    ),
    minutes=8,
    figures=(
        Figure(what=Words("posts counted wrong, SQLite", "计错的帖子，SQLite"), at="sqlite/wrong", goal="= 0"),
        Figure(
            what=Words("posts counted wrong, PostgreSQL", "计错的帖子，PostgreSQL"), at="postgresql/wrong", goal="= 0"
        ),
        Figure(what=Words("posts", "帖子"), at="posts"),
        Figure(what=Words("entries of the stream, SQLite", "流中的条目，SQLite"), at="sqlite/entries"),
        Figure(what=Words("processes killed, SQLite", "被终止的进程，SQLite"), at="sqlite/killed"),
        Figure(what=Words("processes killed, PostgreSQL", "被终止的进程，PostgreSQL"), at="postgresql/killed"),
        Figure(what=Words("wrong of at least once", "至少一次计错的帖子"), at="at_least_once/wrong"),
        Figure(what=Words("wrong of at most once", "至多一次计错的帖子"), at="at_most_once/wrong"),
        Figure(what=Words("lost by at most once", "至多一次丢失的帖子"), at="at_most_once/lost"),
        Figure(what=Words("with two workers, SQLite", "两个工作进程用时，SQLite"), at="sqlite/seconds", unit="s"),
    ),
    measures=(
        "src/argosy/project/opining/intake.py",
        "src/argosy/opinion/sources/redis_stream.py",
        "src/argosy/opinion/sources/fields.py",
        "src/argosy/store/opinion",
        "tests/killable_intake.py",
        "tests/opining.py",
    ),
)
SURGES = Claim(
    script="opinion.surges",
    says=Words(
        "surges of negatives are found within hours, at one false alarm in 30 days of a topic (simulated)",
        "负面激增数小时内即被发现，每个主题 30 天一次误报（模拟数据）",
    ),
    against=Words(
        "three standard deviations of the hour of the week, an EWMA chart, the watch on a service's signals",
        "同时段三倍标准差、EWMA 控制图、服务信号监测",
    ),
    minutes=6,
    figures=(
        Figure(
            what=Words("false alarms in 30 days of a topic, off by", "每主题 30 天误报数，偏差"),
            at="off/*",
            goal="<= 0.2",
        ),
        Figure(what=Words("of three sigma", "三倍标准差的误报数"), at="by/three_sigma/*/false"),
        Figure(what=Words("of an EWMA chart", "EWMA 控制图的误报数"), at="by/ewma/*/false"),
        Figure(what=Words("of the watch on a service", "服务信号监测的误报数"), at="by/service/*/false"),
        Figure(what=Words("2× found", "2 倍激增被发现"), at="by/ours/*/times/2/found", unit="%", goal=">= 0.97"),
        Figure(
            what=Words("2× found by the watch on a service", "服务信号监测发现 2 倍激增"),
            at="by/service/*/times/2/found",
            unit="%",
        ),
        Figure(what=Words("median hours to 2×", "2 倍激增的中位延迟"), at="by/ours/*/times/2/delay", goal="<= 7"),
        Figure(what=Words("median hours to 3×", "3 倍激增的中位延迟"), at="by/ours/*/times/3/delay", goal="<= 4"),
        Figure(what=Words("median hours to 5×", "5 倍激增的中位延迟"), at="by/ours/*/times/5/delay", goal="<= 2"),
        Figure(
            what=Words("false among those that stand, at 20 % accepted", "成立的激增中误报占比（允许 20%）"),
            at="standing/*/false",
            unit="%",
            goal="<= 0.2",
        ),
        Figure(what=Words("for 500 topics over twelve weeks", "500 个主题十二周"), at="seconds_for_500", unit="s"),
    ),
    measures=("src/argosy/monitor/surges",),
)
TWEETS = Claim(
    script="opinion.tweets",
    data="nab_tweets",
    says=Words(
        "labelled surges of real mentions are found at few false alarms, by contracts that were fixed before",
        "以事先确定的约定，少量误报下发现真实提及量中标注的激增",
    ),
    against=Words("three standard deviations of the hour of the day", "同时段三倍标准差"),
    minutes=1,
    figures=(
        Figure(
            what=Words("windows found, a tenth of the default contract", "发现的窗口，默认约定的十分之一"),
            at="by/tenth/recall",
            unit="%",
            goal=">= 0.76",
        ),
        Figure(
            what=Words("false alarms a day and series", "每序列每天误报数"),
            at="by/tenth/false_a_day",
            goal="<= 0.11",
        ),
        Figure(
            what=Words("windows found, the strictest contract", "发现的窗口，最严约定"),
            at="by/strict/recall",
            unit="%",
            goal=">= 0.58",
        ),
        Figure(
            what=Words("false alarms a day and series, strictest", "每序列每天误报数，最严约定"),
            at="by/strict/false_a_day",
            goal="<= 0.013",
        ),
        Figure(what=Words("windows found, default contract", "发现的窗口，默认约定"), at="by/default/recall", unit="%"),
        Figure(what=Words("false alarms a day, default", "每天误报数，默认约定"), at="by/default/false_a_day"),
        Figure(
            what=Words("windows found by three sigma", "三倍标准差发现的窗口"), at="by/three_sigma/recall", unit="%"
        ),
        Figure(
            what=Words("false alarms a day of three sigma", "三倍标准差每天误报数"), at="by/three_sigma/false_a_day"
        ),
    ),
    measures=("src/argosy/monitor/surges",),
)
MONITOR = Claim(
    script="opinion.monitor",
    says=Words(
        "a monitor over real texts reads hundreds a second, shows each within seconds, and says how right it is",
        "真实文本上的舆情监测每秒可读数百条，数秒内显示，并说明判断有多准",
    ),
    against=Words(
        "TF-IDF + linear model on the same test rows; the tuned model before it was compressed",
        "同样测试行上的 TF-IDF 线性模型；压缩前的微调模型",
    ),
    minutes=60,
    figures=(
        Figure(
            what=Words(
                "texts a second, from file to counts, one process on two cores",
                "每秒文本数（从文件到计数，双核一个进程）",
            ),
            at="intake/per_second",
            goal=">= 300",
        ),
        Figure(
            what=Words(
                "arrival to page at 50 texts a second, slowest in a hundred", "每秒 50 条时从到达至页面，最慢的百分之一"
            ),
            at="page/p99_s",
            unit="s",
            goal="<= 2",
        ),
        Figure(what=Words("the same, median", "同上，中位数"), at="page/p50_s", unit="s"),
        Figure(
            what=Words("macro F1 in English, three classes, as served", "英文宏平均 F1，三类，线上所用"),
            at="sentiment/en/served/macro_f1",
        ),
        Figure(what=Words("of the compressed student", "压缩学生模型"), at="sentiment/en/student/macro_f1"),
        Figure(what=Words("of TF-IDF", "TF-IDF"), at="sentiment/en/tfidf/macro_f1"),
        Figure(what=Words("of the tuned model in fp32", "fp32 微调模型"), at="sentiment/en/tuned/macro_f1"),
        Figure(
            what=Words(
                "accuracy in Chinese, negative and positive alone, as served", "中文准确率，仅正负两类，线上所用"
            ),
            at="sentiment/zh/served/accuracy",
        ),
        Figure(what=Words("of the compressed student", "压缩学生模型"), at="sentiment/zh/student/accuracy"),
        Figure(what=Words("of TF-IDF", "TF-IDF"), at="sentiment/zh/tfidf/accuracy"),
        Figure(what=Words("of the tuned model in fp32", "fp32 微调模型"), at="sentiment/zh/tuned/accuracy"),
    ),
    measures=(
        "src/argosy/opinion",
        "src/argosy/project/opining",
        "src/argosy/store/opinion",
        "src/argosy/serve/pages/opinion.py",
    ),
)
CLAIMS: tuple[Claim, ...] = (MONITOR, REPOSTS, ENTITIES, SCALE, SHARES, EMERGING, EXACTLY_ONCE, SURGES, TWEETS)

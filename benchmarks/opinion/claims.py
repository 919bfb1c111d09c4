"""What is claimed of the opinion monitor."""

from benchmarks.claim import Claim, Figure, Words
from benchmarks.opinion.claims_texts import EMERGING, ENTITIES, REPOSTS, SCALE, SHARES

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
        "labelled surges of real mentions are found at few false alarms, by limits that come from simulation",
        "用模拟得出的界限，少量误报下发现真实提及量中标注的激增",
    ),
    against=Words("three standard deviations of the hour of the day", "同时段三倍标准差"),
    minutes=1,
    figures=(
        Figure(
            what=Words("windows found, a tenth of the default contract", "发现的窗口，默认约定的十分之一"),
            at="by/tenth/recall_after_warm_up",
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
            at="by/strict/recall_after_warm_up",
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

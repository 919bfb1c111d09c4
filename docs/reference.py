# ruff: noqa: INP001 - a script beside the pages that it writes
"""Write the tables of the project file's reference and its JSON Schema from the schema in the code.

    python docs/reference.py

Only what stands between the marks of a page is replaced. A test compares both with the code, so neither goes stale.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_origin

from reference_live import LIVE

from argosy.config.schema import SIZES, Project, Settings, table_of
from argosy.config.table import Table

HERE = Path(__file__).parent
SCHEMA = HERE / "argosy.schema.json"
START, END = "<!-- written by docs/reference.py -->", "<!-- end -->"

# What the code says in English, by table and key; the first of each table is its title.
CHINESE = {
    "": "顶层",
    "name": "字母、数字、`-`、`_` 和 `.`",
    "task": "模型给出什么：标签、数值、续写的文本、对客户的回答，谁被怎样评说，或用户可能喜欢的物品",
    "product": "构建什么产品，例如 `classify`；省略时按任务取常用的那个",
    "size": "唯一的旋钮：训练多少、训练多久",
    "languages": "文本的语言，有文本时必填",
    "seed": "所有随机选择的种子",
    "extensions": "添加文本步骤、数据来源、指标等的模块：已安装的，或放在本文件旁边的",
    "data": "数据在哪里，各列是什么意思。",
    "data.path": "一个文件或通配符，由 Argosy 切分为训练集、验证集和测试集",
    "data.train": "用来学习的文件或通配符，验证集从中切出",
    "data.test": "只在最后打开一次的文件或通配符",
    "data.labelled": "用 `argosy label` 标注的行，并入训练集",
    "data.text": "文本所在的列；有 `numeric` 时须写明才有文本",
    "data.label": "标签所在的列，或要预测的数值所在的列",
    "data.answer": '`text` 为问题时，答案所在的列，用于 `task = "generate"`',
    "data.labels": '需要映射的写法，例如 `Positve = "positive"`',
    "data.numeric": "用来学习的数值列，可与文本并用，也可没有文本",
    "data.group": "分组列，例如客户；同一组的行只在一个部分里",
    "data.time": "时间列；模型只从比测试更早的行学习",
    "data.near": "相似度达到多少算近似重复；0 表示从不",
    "data.leaks": "同一文本出现在两个部分时：停止，或从用来学习的一侧去掉",
    "data.suspects": "标签很可能有误的训练行如何处理",
    "data.script": "是否把繁体字折叠为简体字",
    "data.steps": "扩展提供的文本步骤，依次接在 Argosy 自带的步骤之后",
    "data.remove": "从每条文本中剪去的短语，例如签名",
    "data.unlabelled": "没有标签、用来适应的文本文件或通配符",
    "data.licence": "数据的许可证，写入模型卡",
    "redact": "个人信息在存储之前如何处理。",
    "redact.mode": "`[PHONE]`；或 `[PHONE:K7Q2M3]`，同一号码同一代号；或不处理",
    "redact.kinds": "哪些算个人信息",
    "redact.names": "姓名识别器：`rjieba`（中文），或 spaCy 模型，例如 `en:en_core_web_sm`",
    "redact.map": "保留代号与原文的加密对照表，否则从不保留",
    "base": "从哪个预训练模型出发，或从零开始。",
    "base.model": "模型库编号、`modelscope:ID`、本地文件夹、`package:NAME`，或 `scratch`：只用你的文本从零训练",
    "base.trim": "只保留项目的语言和文本用得到的词片",
    "train": "覆盖 `size` 所设的值；省略的键沿用 `size` 的值。",
    "train.epochs": "训练数据过几遍",
    "train.minutes": "训练语言模型的时间，单位分钟",
    "train.steps": "训练语言模型的步数",
    "train.batch_size": "每步的行数",
    "train.learning_rate": "学习率的峰值",
    "train.max_length": "每条文本的词元数，超出部分截去",
    "train.frozen": "保持不变的底层所占的比例",
    "train.rows": "训练行数的上限，按类别抽取",
    "train.seeds": "训练几次，每次换下一个种子，上线的是第一次",
    "train.augment": "要尝试的改写方法，有帮助才保留",
    "train.adapt": "试用先在无标签文本上学过填空的基座，有帮助才保留",
    "train.self_train": "试用模型有把握标注的无标签文本，有帮助才保留",
    "train.trains": "哪些参数学习：`frozen` 之外的全部、只有分类头，或低秩适配器；预训练模型用于写作时默认为适配器",
    "train.layers": "学习的顶层层数，代替 `frozen` 的比例",
    "train.lora_rank": "适配器的秩",
    "train.lora_alpha": "适配器的缩放：alpha 除以秩",
    "train.weight_decay": "矩阵的权重衰减",
    "train.decay": "衰减与梯度分开（AdamW），或作为 L2 惩罚并入梯度",
    "train.dropout": "随机失活率，不写则沿用基座",
    "train.label_smoothing": "目标中分给所有标签的比例",
    "train.class_weights": "给各行加权，使每个标签同样重要",
    "train.patience": "评估多少次没有进步就停止，0 表示从不",
    "train.ema": "保留权重的滑动平均，此为其系数；0 表示用最后的权重",
    "train.clip": "梯度范数的上限，0 表示不限",
    "train.accumulate": "一个批次分几份计算，以省内存",
    "train.warmup": "学习率上升的步数所占比例",
    "train.adversarial": "在把损失推高的词向量上训练",
    "train.epsilon": "推动的长度，以词向量的长度为单位",
    "train.ascents": "推动的步数，用于 `pgd` 和 `freelb`",
    "train.r_drop": "同一行两次随机失活应当一致，此为其权重；0 表示关闭",
    "train.processes": "分担每个批次的进程数",
    "train.threads": "处理器线程数；0 表示经短暂试跑取最快者，不写则全部",
    "train.device": "在哪里计算",
    "train.log": "除报告外，损失曲线还写到哪里",
    "continual": "基座是你自己的模型，它继续学习而不可遗忘。",
    "continual.old": "它学过的数据，其中一部分留出，用来看忘了什么",
    "continual.method": "用什么保住旧知识",
    "continual.share": "`replay` 时旧数据在学习内容中的比例",
    "continual.strength": "`ewc` 和 `l2_sp` 把权重拉回旧值的力度",
    "baselines": "小型线性模型如何数词。",
    "baselines.stop_words": "略去每条文本都有的词",
    "baselines.stem": "英文单词的各种词形算作一个",
    "gate": "上线之前必须满足的条件。",
    "gate.metric": "起决定作用的指标：标签用 `macro_f1` 或 `accuracy`，数值用 `mae` 或 `r2`，"
    "写作模型用 `bits_per_byte`，也可用扩展提供的指标；不写则取各自的第一个",
    "gate.margin": "对你无关紧要的指标损失",
    "gate.agreement": "更小的引擎必须一致的标签比例",
    "gate.tolerance": "torch 与 ONNX 的 fp32 logits 之间允许的最大差",
    "gate.texts": "经过每个引擎的原始文本数",
    "gate.error": "在有把握的回答里可以接受的错误比例",
    "target": "上线的模型必须满足的条件；更小的模型会自动制作、测量并从中选择。",
    "target.p99_ms": "单条文本的应答时间上限（100 次里的 99 次），单位毫秒",
    "target.size_mb": "上线模型的大小上限，含分词器，单位 MB",
    "target.max_quality_loss": "为节省而可以接受的、起决定作用的指标在验证集上的损失",
    "target.minutes": "制作和测量更小的模型可以用的时间，单位分钟",
    "cost": "应答的机器要花多少钱；写上你自己的数字之前，这些都是假设。",
    "cost.machine_per_hour": "机器每小时的价格",
    "cost.currency": "所用货币，三个字母",
    "cost.load": "机器处于应答状态的时间比例",
    "serve": "服务器如何应答。",
    "serve.host": "监听的地址",
    "serve.port": "监听的端口，0 表示任选一个空闲端口",
    "serve.max_texts": "一次请求最多包含的文本数",
    "serve.max_body_kb": "请求体的大小上限，单位 kB",
    "serve.workers": "应答的进程数，它们分用机器的核",
    "serve.cache": "每个进程按文本内容保留的答案条数，0 表示不保留",
    "serve.timing": "在每个回答的 Server-Timing 头中说明时间花在了哪里",
    "sell": "服务如何出售；没有这个表时人人都可以提问，也不计量。",
    "sell.store": "密钥、用量和账单存放的地方：一个文件，或一个 PostgreSQL 的 URL",
    "sell.time_zone": "计费月份按哪个时区开始和结束",
    "sell.plan": "未另行指定时租户使用的套餐",
    "sell.files": "上传的文件和批处理结果所在的文件夹，所有机器看到的是同一个",
    "serve.otlp": "OpenTelemetry 收集器的地址（HTTP 上的 OTLP），每个请求的追踪都发到那里",
    "sell.settle_seconds": "答案等待计费写入的秒数上限，超过则拒绝回答",
    "watch": "上线之后监测什么，告警发给谁。",
    "watch.false_alarms": "一切正常时，30 天内可以接受的误报次数；各项界限由此推出",
    "watch.every_minutes": "一个周期的分钟数；每个信号在每个周期看一次",
    "watch.send": "告警发往何处，写成 Apprise 地址，例如 `slack://…`、`dingtalk://…`、`mailto://…`",
    "watch.language": "告警消息的语言",
    "watch.address": "服务页面对外的地址，用于消息里的链接",
    "watch.keep_days": "流量计数保留多少天",
    "improve": "下一个版本怎样产生。",
    "improve.ask": "每次挑选多少条留存的文本来标注",
    "improve.least": "新标注的行少于此数时，不训练候选版本",
    "improve.held_out": "新行中用来评判候选版本的比例",
    "improve.margin": "候选版本上线前须排除的、在已知内容上的损失",
    "improve.twice": "挑选的文本中由两人分别标注的比例",
    "improve.every_days": "服务自动尝试改进的间隔天数；0 表示从不",
    "improve.promote": "把更好的候选版本交给灰度发布，或只是告知",
    "support": "助手怎样从客服对话和文档中学习，什么时候回答。",
    "support.documents": "用来回答的文档的通配符：Markdown、HTML、TXT、PDF、DOCX；问答表用 XLSX",
    "support.dialogue": "说明一轮话属于哪段对话的列",
    "support.speaker": "说明谁在说话的列",
    "support.agents": "哪些说话人是你们的人工客服；不写则认常用的词，例如 `agent`、`客服`",
    "support.robots": "哪些说话人是机器，不从中学习；不写则认常用的词",
    "support.max_wrong": "助手给出的回答中，可以接受的错误比例",
    "support.confidence": "以多大的把握做到这个比例",
    "support.out_of_scope": "承诺所覆盖的、这里没有答案的问题的最大比例",
    "support.approved_only": "挖掘出的答案须有人批准才给出；文档照常引用",
    "support.stale_days": "多少天没有人再给出的答案算作过期；0 表示从不",
    "support.rewrite": "`[serve] models` 中的一个模型，用来改写拼成的回答；来源全都说到时才采用",
    "support.keep_days": "对话保留多少天",
    "support.person_per_minute": "人工一分钟的成本，货币同 `[cost]`；写明之前是假设",
    "support.minutes": "人工处理一个问题要几分钟；写明之前是假设",
    "support.bots": "机器人与 webhook 的密钥文件，只有其所有者可以读取",
    "support.origins": "可以显示聊天窗口的网站，例如 `https://shop.example`",
    "support.webhook": "需要人工时，把签名的消息发到哪里",
    "support.language": "助手说到自己时用的语言；不写则用每个问题的语言",
    **LIVE,
    "seller": "账单上的卖方。",
    "seller.title": "登记的名称",
    "seller.taxpayer": "纳税人识别号，或统一社会信用代码",
    "seller.address": "地址",
    "seller.phone": "电话",
    "seller.bank": "开户银行",
    "seller.bank_account": "银行账号",
    "seller.email": "买方可以写信询问的地址",
    "seller.smtp": "由哪里寄信：`smtp://USER@HOST:587`，密码在 `ARGOSY_SMTP_PASSWORD` 中",
    "seller.prefix": "账单号的开头，例如 `INV-2026-000001`",
    "seller.item": "中国发票上的项目名称",
    "seller.tax_code": "中国发票上的税收分类编码",
    "plans.NAME": "租户付多少钱；NAME 是套餐名。",
    "plans.NAME.extends": "所沿用的套餐；本套餐没有写的键和价格沿用它的",
    "plans.NAME.title": "账单上的叫法，不写则用套餐名",
    "plans.NAME.currency": "没有写明货币的金额所用的货币，按 ISO 4217",
    "plans.NAME.monthly": "每月价格；只占部分月份时按天计",
    "plans.NAME.commitment": "一个月的用量至少要付的金额",
    "plans.NAME.prepaid": "用量从租户的钱包扣除",
    "plans.NAME.due_days": "账单的付款期限，单位天",
    "plans.NAME.suspend_days": "账单逾期多少天后停用租户，不写则从不停用",
    "plans.NAME.prices": "按售卖单位和模型列出用量的价格。",
    "plans.NAME.prices.unit": "卖的是什么；分钟从请求获准算到回答，最多十分钟",
    "plans.NAME.prices.per": "价格对应多少个单位",
    "plans.NAME.prices.price": '例如 `"2.00"`，或按货币：`{CNY = "2.00", USD = "0.30"}`；也可改写 `tiers`',
    "plans.NAME.prices.free": "每月免费的单位数",
    "plans.NAME.prices.scheme": "按每个单位所在的阶梯、按总量所到的阶梯，或按包计价（每包 `per` 个单位，不足也算一包）",
    "plans.NAME.prices.models": "适用的模型；`*` 表示其余所有模型",
    "plans.NAME.prices.tiers": "价格的一级阶梯：当月总量到多少为止是什么价；最后一级没有 `up_to`。",
    "plans.NAME.prices.tiers.up_to": "这一级的最后一个单位，从免费额度之后数起",
    "plans.NAME.prices.tiers.price": "这一级里 `per` 个单位的价格",
    "plans.NAME.shares": "账单上按用量金额的比例计算的一行，例如支持服务费或折扣。",
    "plans.NAME.shares.name": "这一行的叫法",
    "plans.NAME.shares.rate": '例如 `"10%"`；小于零为折扣',
    "plans.NAME.tax": "税费一行。",
    "plans.NAME.tax.name": "税的叫法",
    "plans.NAME.tax.rate": '例如 `"6%"`',
    "plans.NAME.tax.inclusive": "价格是否已含税",
    "serve.tls_certificate": "PEM 文件，含证书及其上级证书",
    "serve.models": "项目自身模型之外的模型，按名称给出：项目、文件夹、package:NAME 或 GGUF 文件",
    "serve.label_generated": "生成的文本在何处标识：文本之旁、文本末尾，或不标识",
    "serve.label_text": "该标识的文字",
    "serve.producer": "标识元数据中的服务提供者；为空时为服务的名称",
    "serve.tls_key": "PEM 文件，含证书的私钥，不设口令",
    "privacy": "对请求所涉及的人保留什么、为什么保留、保留多久。",
    "privacy.capture": "保留多大比例的请求与回答；先脱敏，再加密",
    "privacy.purpose": "保留的目的",
    "privacy.basis": "法律依据；为 `consent` 时，只在有同意记录时保留",
    "privacy.keep_days": "保留多少天后删除",
    "privacy.backup_days": "你的备份保留多少天，写入删除证明",
    "privacy.backups": "备份文件的通配符，删除证明逐一列出",
    "privacy.key_file": "密钥文件：首次使用时生成，绝不进入备份",
    "serve.accept_non_commercial": "即使许可证禁止商用也提供服务",
}
WORDS = {
    "en": {
        "head": ("key", "values", "default", "meaning"),
        "top": "At the top",
        "must": "must be given",
        "size": "set by `size`",
        "string": "text",
        "boolean": "`true`, `false`",
        "object": "table of texts",
        "list": "list of ",
        "sizes": "What each size sets",
    },
    "zh": {
        "head": ("键", "取值", "默认值", "含义"),
        "top": "顶层",
        "must": "必填",
        "size": "由 `size` 决定",
        "string": "文本",
        "boolean": "`true`、`false`",
        "object": "文本对照表",
        "list": "列表：",
        "sizes": "每档 `size` 设定的值",
    },
}
COMMA = {"en": ", ", "zh": "、"}


def main() -> None:
    """Replace the tables of both pages and the schema."""
    for language in WORDS:
        page = HERE / language / "project-file.md"
        page.write_text(filled(page.read_text(encoding="utf-8"), tables(language)), encoding="utf-8")
    SCHEMA.write_text(schema(), encoding="utf-8")


def filled(page: str, text: str) -> str:
    """The page with ``text`` between its marks."""
    before, _, rest = page.partition(START)
    return f"{before}{START}\n\n{text}\n{END}{rest.partition(END)[2]}"


def schema() -> str:
    """The JSON Schema of the project file."""
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Project.model_json_schema()}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def tables(language: str) -> str:
    """Every table of the project file in Markdown, then what each size sets."""
    parts = [_table(Project, "", language, WORDS[language]["top"])]
    parts += [_table(inner, name, language, title) for name, inner, title in _inner(Project)]
    return "\n".join([*parts, _sizes(language)])


def _inner(model: type[Table], above: str = "") -> Iterator[tuple[str, type[Table], str]]:
    """Name, table and title of every table within a table, each before those within it."""
    for key, field in model.model_fields.items():
        if inner := table_of(field.annotation):
            kind = get_origin(field.annotation)
            name = f"{above}.{key}".strip(".") + (".NAME" if kind is dict else "")
            yield name, inner, f"`[[{name}]]`" if kind is list else f"`[{name}]`"
            yield from _inner(inner, name)


def _table(model: type[Table], name: str, language: str, title: str) -> str:
    words = WORDS[language]
    said = (CHINESE[name] if language == "zh" else str(model.__doc__).replace("``", "`")) if name else ""
    rows = [f"| {' | '.join(row)} |" for row in _rows(model, name, language)]
    head = [f"| {' | '.join(words['head'])} |", "|---|---|---|---|"]
    return "\n".join([f"## {title}", "", *([said, ""] if said else []), *head, *rows, ""])


def _rows(model: type[Table], table: str, language: str) -> Iterator[tuple[str, str, str, str]]:
    required = set(model.model_json_schema().get("required", ()))
    for name, properties in model.model_json_schema()["properties"].items():
        if table_of(model.model_fields[name].annotation):
            continue
        kinds = [properties, *properties.get("anyOf", ())]
        kind = next(kind for kind in kinds if kind.keys() & {"type", "enum", "const"} and kind.get("type") != "null")
        said = CHINESE[f"{table}.{name}".strip(".")] if language == "zh" else _described(properties, kind)
        yield f"`{name}`", _values(kind, language), _default(properties, name in required, table, language), said


def _described(*places: Mapping[str, Any]) -> str:
    return next(place["description"] for place in places if "description" in place).rstrip(".")


def _values(kind: Mapping[str, Any], language: str) -> str:
    words = WORDS[language]
    if choices := kind.get("enum") or ([kind["const"]] if "const" in kind else []):
        return COMMA[language].join(f"`{json.dumps(choice)}`" for choice in choices)
    if kind["type"] == "array":
        return str(words["list"]) + _values(kind["items"], language)
    if kind["type"] in {"integer", "number"}:
        return _range(kind, language)
    return str(words[kind["type"]])


def _range(kind: Mapping[str, Any], language: str) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    return COMMA[language].join(f"{sign} {kind[name]:g}" for name, sign in signs.items() if name in kind)


def _default(properties: Mapping[str, Any], required: bool, table: str, language: str) -> str:  # noqa: FBT001
    if required:
        return str(WORDS[language]["must"])
    value = properties.get("default")
    if table == "train" and value is None:
        return str(WORDS[language]["size"])
    return "–" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"


def _sizes(language: str) -> str:
    head = f"| `size` | {' | '.join(f'`{name}`' for name in Settings.model_fields)} |"
    line = "|---" * (len(Settings.model_fields) + 1) + "|"
    rows = [
        f"| `{size}` | {' | '.join(f'{value:,g}' for value in settings.model_dump().values())} |"
        for size, settings in SIZES.items()
    ]
    return "\n".join([f"## {WORDS[language]['sizes']}", "", head, line, *rows, ""])


if __name__ == "__main__":
    main()

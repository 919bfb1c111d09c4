"""How Chinese questions hang on the one before, and what that one was about."""

import re

from argosy.assist.understanding.forms import Form, any_of, first

_ASK = (
    "多少钱|多少|多长时间|多长|多久|多大|几天|几个|几次|几点|几种|几款|几张|几件|什么时候|啥时候|何时|什么时间"
    "|为什么|为啥|怎么办|怎么样|怎么|怎样|如何|咋|在哪里|在哪儿|在哪|哪里|哪儿|哪个|哪些"
    "|什么样|什么|啥|谁|能不能|可不可以|是不是|有没有|要不要|会不会|是否|可以|可否|能否"
)
_WEAK = (
    "大概|一般|通常|最快|最慢|最晚|最早|最多|最少|需要|还要|还得|还有|应该|必须|具体|到底|的话|一下|我们|你们"
    "|您们|请问|告诉|知道|现在|可能|左右|别的|其他|区别|材料|手续|要求|条件|流程|步骤"
    "|办理|办|取消|修改|更改|退还|退|换|查询|查看|查|申请|开通|关闭|激活|注销|续费|升级|使用|操作|弄|搞|购买|买"
    "|领取|领|收费|收钱|要钱|花钱|扣费|扣钱|免费|到账|到|生效|拿到|收到|完成|处理|审核|一共|总共|钱|等"
    "|安全|便宜|贵|快|慢|支持|限制|优惠"
)
_PARTICLES = (
    "[的了点吗嘛呢啊吧呀么哦要得会能是我你您还也都就又再请给用来去有没不上下个在被把为做说看想用行好啦?？!！。，,、\\s]"
)
_RESIDUE = re.compile(rf"{_ASK}|{_WEAK}|{_PARTICLES}")
_TOPIC = re.compile(
    rf"^(?:那么|那|请问|我想问一?下|想问一?下|我想知道|告诉我|帮我|麻烦)|{_ASK}"
    rf"|[吗嘛呢啊吧呀么哦?？!！。，,、]|(?:一般|大概|通常|大约|需要|应该)|(?:要|得|会|能|是|有)$|^(?:我"
    rf"|你们|您)(?:的|要|想|该|应该|能|可以)?|(?:才|就|都)?(?:能|会)?(?:到账|到|收到|生效|完成)$"
)
_JOIN = re.compile(
    r"^(?:(?:那么|那就|那|然后|还有|另外|请问|所以|但是|可是|不过|好的?|嗯+|哦|而且|再|对了|如果是)[，,\s]*)+"
)
_THEN = re.compile(r"^(?:那么|那)(?![个些种边里是天年时位样])")
_INSTEAD = re.compile(r"^(?:(?:那么|那|如果是|要是|换成|还有)[，,]?)?([^，,。？?吗]{1,14}?)呢[？?。\s]*$")
_POINTS = any_of(
    r"它们?的?|其中|上述|前者|后者|第[一二两三]个|另外?一个|(?:这|那)[两几]个|两者",
    r"(?:刚才|刚刚|前面|上面)(?:说|提到|那)?的?(?:那个)?",
    r"(?:这|那)(?:个|种|些|样|款|张|件|笔|家|项)(?=[，,。？?！!]|$|是|要|多|怎|能|可|会|有|吗|呢|需|什|几|为"
    r"|在|贵|好|也|还|和|跟|比|的|费|支|用|到|收|包|哪|如|算|安|靠|都|就|得|最|一般|大概|免)",
    r"^(?:这|那)(?=是|要|怎|能|可以|会|需|算|得|安全|合法|正常|包|收|还|也|有)",
)
_FEW, _SHORT = 0, 3  # characters left of a question that names nothing; of one behind 那
_FRAMES = 6
_ANTECEDENT = 2  # characters before a pronoun that name what it stands for


def form(question: str) -> Form | None:
    """How a Chinese question follows another; None where it stands alone."""
    joined = _JOIN.match(question)
    rest = question[joined.end() :] if joined else question
    instead = _INSTEAD.match(question)
    if instead and not re.search(_ASK, instead[1]):
        return Form(instead[1], instead=True)
    found = first(_POINTS, question)
    if found and len(_RESIDUE.sub("", question[: found[0]])) < _ANTECEDENT:
        return Form(question, at=found)
    left = len(_RESIDUE.sub("", rest))
    asked = re.search(rf"{_ASK}|[吗嘛呢?？]", rest) is not None
    if asked and left <= (_SHORT if _THEN.match(question) else _FEW) and (left or not re.fullmatch(r"[\W呢]*", rest)):
        return Form(rest)
    return None


def beside(rest: str, topic: str) -> str:
    """A question without its subject, and the topic before it."""
    return topic + rest


def topic(earlier: str) -> str:
    """What a question is about: its last sentence that names something, without what asks."""
    for part in reversed(re.split(r"[。？！?!，,]+", earlier)):
        topic = part.strip()
        for _ in range(_FRAMES):
            topic = (shorter := _TOPIC.sub("", topic).strip())
            if shorter == part:
                break
        if len(topic) > 1:
            return topic
    return ""


def instead(rest: str, earlier: str) -> str:
    """The earlier question with what ends alike exchanged, else with the other thing before it."""
    for alike in (2, 1):
        if len(rest) > alike:
            form = re.compile(rf"[\u4e00-\u9fff\w]{{{len(rest) - alike}}}{re.escape(rest[-alike:])}")
            found = [one for one in form.finditer(earlier) if one[0] != rest]
            if found and not re.search(_ASK, found[0][0]):
                return earlier[: found[0].start()] + rest + earlier[found[0].end() :]
    return f"{rest}，{earlier}"

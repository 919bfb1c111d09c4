"""Whether a customer is angry, or wants a person: by what is said, how, and how often."""

import re
from collections.abc import Sequence

from argosy.assist.understanding.forms import any_of
from argosy.core.support import Mood

_PERSON_WORD = (
    r"(?:(?:a |an |the |some |your |my )?(?:real |live |actual |human |customer (?:service|care|support) )*"
    r"(?:humans?|persons?|people|agents?|rep|reps|representatives?|operators?|advisors?|advisers?"
    r"|managers?|supervisors?|someone|somebody"
    r"|human being|staff|employee|support team|customer (?:service|care|support)))"
)
_PERSON = any_of(
    rf"\b(?:speak|talk|chat)(?:ing)?\s+(?:to|with)\s+{_PERSON_WORD}\b",
    rf"\b(?:connect|transfer|put|pass|hand|switch|escalate|direct|forward|refer|route)\s+(?:me|us|this"
    rf"|it)?\s*(?:over |through |on )?(?:to|with)\s+{_PERSON_WORD}\b",
    r"\b(?:get|give|find|want|need|like|prefer|have)\s+(?:me\s+)?(?:a |an |to (?:a |an )?|some )?(?:real "
    r"|live |actual )*(?:human|live agent|live chat|real person|human being|human agent|live person"
    r"|representative|supervisor|manager|agent)\b",
    r"^\W*(?:human|agent|operator|representative|real person|live agent|live chat)(?: now)?(?:,? please)?\W*$",
    r"\b(?:human|agent|operator|representative),? please\b",
    r"(?:转|接|找|要|换|叫|上|联系|进入|需要|切换?)(?:到|成|个|一个|一下|一位|你们的?|给我)?(?:人工(?!智能|费"
    r"|成本|审核|授权)|真人|活人|客服人员|人工客服)",
    r"人工(?:客服|服务|座席|坐席|在线|电话)|^\W*(?:人工|真人|客服)\W*$",
    r"(?:找|叫|让|要)(?:你们|你)?的?(?:经理|主管|领导|负责人|老板)",
    r"(?:想|要|和|跟|找|让)(?:一个|个)?(?:真人|活人|人)(?:来)?(?:跟我|和我)?(?:说话|聊|谈|沟通|接听|回复|处理"
    r"|服务)",
)
_ANGRY = any_of(
    r"\b(?:idiots?|stupid|moron|dumb|useless|ridiculous|pathetic|worst|terrible|awful|horrible|horrendous"
    r"|unacceptable|disgusting|disgraceful|furious|angry|outrageous|outraged|fed up|sick of|sick and tired"
    r"|had enough|joke of a|a joke|garbage|rubbish|incompetent|scammers?|liars?|thieves|rip ?off|wtf"
    r"|bull ?shit|damn\w*|crap|fuck\w*|f\*+\w*|shit\w*|waste of (?:my )?(?:time|money)|wasting my time|absurd"
    r"|hate (?:you|this)|sue you|my lawyer|how many times (?:do|must|have|did|will) (?:i|we)"
    r"|(?:third|fourth|fifth|tenth|3rd|4th|5th|\d+th"
    r"|hundredth) time|what is wrong with you|are you (?:deaf|kidding|serious))\b",
    r"垃圾(?!桶|袋|分类|邮件|短信|箱|处理|清理|回收|车|站|信息|电话)|骗子|骗人|骗钱|坑人|坑爹|坑钱|太差",
    r"差劲|很差|恶心|无语|气死|气愤|生气|愤怒|火大|我要(?:去)?投诉|投诉你|要投诉|什么破",
    r"破(?:玩意|公司|平台|软件|服务|东西)|烂透|太烂|傻[逼比叉B]|他?妈的|去死|滚|废物|忽悠|敷衍|受够|不要脸",
    r"黑心|我要(?:去)?举报|12315|曝光|找律师|起诉|浪费我?(?:的)?时间|耍我|玩我|有病|脑残|白痴",
    r"搞什么(?:鬼|名堂)?|第[三四五六七八九十]次",
    r"(?:说|问|讲|反映)了?(?:多少|几|好几|很多|三|四|五|无数)(?:遍|次)",
)
_NOT = re.compile(
    r"(?:\bnot|n't|\bno|\bnever|\bwithout|\bno need|\brather than|\binstead of|不|没|没有|别|不用|不要"
    r"|不想|不需要|不必|无需|并非|不是|不会)"
    r"(?:\s?(?:want|need|have|wish|like|trying|going|be|been|being|get|got|to|at all|that|so|very|a|an"
    r"|the|your|my|really|any|speak|talk|等|再|很|太|是|在|觉得|说|去|你|想|要|必|用|给我|帮我"
    r"|有)){0,5}\s*$",
    re.IGNORECASE,
)
_BEFORE = 40  # characters before a word that may negate it
_CAPITALS, _LETTERS, _WORDS = 0.8, 15, 4
_TIMES = 3  # that the same is said until it is a complaint
_EDGES = re.compile(r"[\W_]+")


def mood_of(text: str, earlier: Sequence[str] = ()) -> Mood:
    """The mood of a message after ``earlier`` ones of the same customer; what is negated does not count.

    >>> mood_of("Let me talk to a human"), mood_of("this is ridiculous"), mood_of("我没有生气")
    ('wants_person', 'angry', 'calm')
    """
    if _said(_PERSON, text):
        return "wants_person"
    if _said(_ANGRY, text) or _shouted(text) or _repeated(text, earlier):
        return "angry"
    return "calm"


def _said(form: re.Pattern[str], text: str) -> bool:
    return any(not _NOT.search(text[max(0, found.start() - _BEFORE) : found.start()]) for found in form.finditer(text))


def _shouted(text: str) -> bool:
    """Whether nearly all of a sentence of some words is in capitals."""
    letters = [one for one in text if one.isascii() and one.isalpha()]
    upper = sum(one.isupper() for one in letters)
    return len(letters) >= _LETTERS and upper >= _CAPITALS * len(letters) and len(text.split()) >= _WORDS


def _repeated(text: str, earlier: Sequence[str]) -> bool:
    """Whether the same was said before, and before that."""
    same = _EDGES.sub("", text.lower())
    return len(same) >= _WORDS and sum(_EDGES.sub("", one.lower()) == same for one in earlier) >= _TIMES - 1

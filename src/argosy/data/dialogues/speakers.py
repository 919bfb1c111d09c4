"""Who is a customer, who a person of the house and who a machine, by what the files call them."""

import re
import unicodedata
from collections.abc import Collection, Iterable

from argosy.core.errors import DataError
from argosy.core.knowledge import Speaker
from argosy.data.dialogues.columns import Columns

_ROBOTS = "bot chatbot robot assistant ai automatic auto autoreply virtual machine ivr gpt"
_ROBOTS_ZH = "机器人 机器 智能 自动 虚拟 助手 小蜜 機器人 自動 虛擬"
_AGENTS = (
    "agent agents support staff operator representative rep csr helpdesk service seller shop store advisor consultant "
    "employee clerk specialist team admin"
)
_AGENTS_ZH = (
    "客服 人工 坐席 座席 店家 卖家 商家 店主 店长 店小二 掌柜 专员 顾问 客户经理 客户服务 售后 售前 工作人员 员工 "
    "技术支持 賣家 專員 顧問 客戶服務 員工"
)
_CUSTOMERS = "customer user client visitor buyer guest caller consumer patient member shopper inquirer"
_CUSTOMERS_ZH = "客户 顾客 用户 买家 访客 会员 游客 消费者 客人 咨询者 来访者 客戶 顧客 用戶 買家 訪客 會員 遊客 消費者"
# By role, the first that fits wins: a "support bot" is a machine, "customer support" a person of the house.
_WORDS: tuple[tuple[Speaker, str, str], ...] = (
    ("robot", _ROBOTS, _ROBOTS_ZH),
    ("system", "system notification notice", "系统 通知 提示 系統"),
    ("agent", _AGENTS, _AGENTS_ZH),
    ("customer", _CUSTOMERS, _CUSTOMERS_ZH),
)
_NAMES = tuple((role, frozenset(english.split()), tuple(chinese.split())) for role, english, chinese in _WORDS)
_PARTS = re.compile(r"[^\W\d_]+")
_SHOWN = 12  # speakers that a message names


def named_role(name: str, columns: Columns) -> Speaker | None:
    """What the project, or a usual word, says that the speaker of this name is; None where neither does."""
    plain = _folded(name)
    if plain in {_folded(agent) for agent in columns.agents}:
        return "agent"
    if plain in {_folded(robot) for robot in columns.robots}:
        return "robot"
    usual = _usual(plain)
    if (columns.agents and usual == "agent") or (columns.robots and usual == "robot"):
        return None  # the project names all of them
    return usual


def roles_of(names: Iterable[str], columns: Columns, where: str) -> dict[str, Speaker]:
    """The role of every speaker.

    Raises DataError where one cannot be told, since an answer may be learnt from people of the house alone.
    """
    others: Speaker | None = "customer" if columns.agents else None
    roles = {name: named_role(name, columns) or others for name in dict.fromkeys(names)}
    unknown = [name for name, role in roles.items() if role is None]
    if unknown:
        raise DataError(
            "It cannot be told who of these speakers are people of yours: {unknown} (all speakers: {speakers}).",
            where=where,
            mend="Name your people in [support], such as agents = [{example!r}]: everybody else is then a customer.",
            unknown=_shown(unknown),
            speakers=_shown(roles),
            example=next((name for name, role in roles.items() if role == "agent"), unknown[0]),
        )
    return {name: role for name, role in roles.items() if role is not None}


def refuse_unanswered(names: Collection[str], where: str) -> None:
    """Raise DataError: no person of the house speaks, so that there is nothing to learn from."""
    raise DataError(
        "No person of yours speaks in any dialogue; the speakers are {speakers}.",
        where=where,
        mend="Name your people in [support] as the files do: agents = [{example!r}].",
        speakers=_shown(names) or "…",
        example=next((name for name in names if _usual(_folded(name)) != "customer"), "agent"),
    )


def _usual(plain: str) -> Speaker | None:
    words = set(_PARTS.findall(plain))
    for role, english, chinese in _NAMES:
        if not words.isdisjoint(english) or any(word in plain for word in chinese):
            return role
    return None


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _shown(names: Collection[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in list(names)[:_SHOWN])
    return shown + (", …" if len(names) > _SHOWN else "")

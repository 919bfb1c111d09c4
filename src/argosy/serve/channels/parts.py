"""What the channels are given: the sites that may show the widget, and the secrets of webhooks and robots."""

from collections.abc import Mapping
from dataclasses import dataclass, field

WECOM, DINGTALK, FEISHU = "https://qyapi.weixin.qq.com", "https://api.dingtalk.com", "https://open.feishu.cn"
"""Where the interfaces of the platforms are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeCom:
    """An application of WeCom (企业微信): what its callbacks are signed and encrypted with.

    With ``agent`` and ``secret`` what people write is sent through the interface at ``base``.
    """

    corp: str
    token: str = field(repr=False)
    key: str = field(repr=False)
    agent: int = 0
    secret: str = field(default="", repr=False)
    base: str = WECOM


@dataclass(frozen=True, slots=True, kw_only=True)
class DingTalk:
    """A robot of DingTalk (钉钉); with ``app`` and ``robot`` what people write is sent through the one at ``base``."""

    secret: str = field(repr=False)
    app: str = ""
    robot: str = ""
    base: str = DINGTALK


@dataclass(frozen=True, slots=True, kw_only=True)
class Feishu:
    """An application of Feishu (飞书): ``key`` opens and signs its events, ``base`` is where replies are sent."""

    app: str
    secret: str = field(repr=False)
    key: str = field(repr=False)
    token: str = field(repr=False)
    base: str = FEISHU


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """``origins`` are the sites that may show the widget, ``hooks`` the secrets of signed webhooks by their names."""

    origins: tuple[str, ...] = ()
    hooks: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    wecom: WeCom | None = None
    dingtalk: DingTalk | None = None
    feishu: Feishu | None = None

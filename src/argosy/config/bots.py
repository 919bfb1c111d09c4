"""The file of secrets that channels need, such as those of a messenger's robot: its owner alone can read it."""

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from argosy.config.table import Table
from argosy.core.errors import ProjectError, raise_all
from argosy.serve.channels.parts import DINGTALK, FEISHU, WECOM, Channels, DingTalk, Feishu, WeCom

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_HTTPS = r"^https?://[^\s/?#]+(/[^\s?#]*)?$"
Word = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S+$")]
Secret = Annotated[str, Field(min_length=16, max_length=200, pattern=r"^\S+$")]


class WeComBot(Table):
    """An application of WeCom that receives messages."""

    corp: Word = Field(description="the id of the corporation (企业ID)")
    token: Word = Field(description="the Token of 接收消息")
    key: str = Field(pattern=r"^[A-Za-z0-9+/]{43}$", description="the EncodingAESKey, 43 letters and digits")
    agent: int = Field(0, ge=0, description="the AgentId, for messages that people write")
    secret: str = Field("", max_length=200, description="the Secret, for messages that people write")
    base: str = Field(WECOM, pattern=_HTTPS, description="the address of the interface")


class DingTalkBot(Table):
    """A robot of DingTalk inside a company."""

    secret: Word = Field(description="the AppSecret (Client Secret)")
    app: str = Field("", max_length=200, description="the AppKey (Client ID), for messages that people write")
    robot: str = Field("", max_length=200, description="the RobotCode, for messages that people write")
    base: str = Field(DINGTALK, pattern=_HTTPS, description="the address of the interface")


class FeishuBot(Table):
    """An application of Feishu that is told of messages."""

    app: Word = Field(description="the App ID")
    secret: Word = Field(description="the App Secret")
    key: Word = Field(description="the Encrypt Key of 加密策略")
    token: Word = Field(description="the Verification Token of 加密策略")
    base: str = Field(FEISHU, pattern=_HTTPS, description="the address of the interface")


class Bots(Table):
    """The whole file: a table for each robot, and ``[hooks]`` with the secrets of signed webhooks by their names."""

    wecom: WeComBot | None = None
    dingtalk: DingTalkBot | None = None
    feishu: FeishuBot | None = None
    hooks: dict[Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")], Secret] = Field(
        {}, description="names of small letters, digits, - and _; secrets of 16 to 200 characters"
    )


def read_channels(path: Path, origins: tuple[str, ...] = ()) -> Channels:
    """The channels of a project whose secrets stand at ``path``; those of web pages alone where there is no such file.

    Raises ProjectError, or Problems, for a file that others can read and for everything wrong in it; its values are
    secrets, and stand in no message.
    """
    bots = _bots(path) if path.exists() else Bots()
    return Channels(
        origins=tuple(origin.rstrip("/") for origin in origins),
        hooks={name: secret.encode() for name, secret in bots.hooks.items()},
        wecom=WeCom(**bots.wecom.model_dump()) if bots.wecom else None,
        dingtalk=DingTalk(**bots.dingtalk.model_dump()) if bots.dingtalk else None,
        feishu=Feishu(**bots.feishu.model_dump()) if bots.feishu else None,
    )


def _bots(path: Path) -> Bots:
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        raise ProjectError(
            "Others on this machine may read or write this file of secrets.",
            where=str(path),
            mend="chmod 600 {path}",
            path=path,
        )
    try:
        return Bots.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise ProjectError(
            "This is not valid TOML in UTF-8.", where=str(path), mend="Texts stand in quotes, tables in [brackets]."
        ) from None
    except ValidationError as error:
        raise_all([_explain([str(part) for part in one["loc"]], one["type"], path) for one in error.errors()])
        raise


def _explain(place: list[str], kind: str, path: Path) -> ProjectError:
    """What is wrong at a place, without the value that stands there."""
    tables: Mapping[str, type[Table]] = {"wecom": WeComBot, "dingtalk": DingTalkBot, "feishu": FeishuBot}
    table = tables.get(place[0], Bots) if len(place) > 1 else Bots
    name = place[-1] if table is not Bots else place[0]
    field = table.model_fields.get(name)
    where = f"{path}, [{place[0]}]"
    if field is None:
        return ProjectError(
            "The key {key!r} is not known.",
            where=where,
            mend="Known are: {known}.",
            key=name,
            known=", ".join(table.model_fields),
        )
    message = "The key {key!r} is missing." if kind == "missing" else "The value of {key!r} does not fit."
    return ProjectError(
        message, where=where, mend="Expected is {expected}.", key=place[-1], expected=field.description or "a table"
    )

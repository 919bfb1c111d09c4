"""A turn as a file tells it, before anybody knows whether a customer or a person of the house speaks."""

import re
from dataclasses import dataclass

from argosy.core.knowledge import Speaker
from argosy.data.clean import LONGEST_TEXT
from argosy.data.dialogues.columns import Account
from argosy.data.labels.checks import is_void

_THINGS = "image|photo|picture|video|audio|voice|sticker|gif|document|file|contact card|media"
_THINGS_ZH = "图片|照片|语音|视频|表情|动画表情|文件|位置|链接|名片|红包|转账|圖片|語音|影片|貼圖|檔案"
_MEDIA = re.compile(rf"[\u200e\s]*[<\[【(](?:(?:{_THINGS})(?: omitted)?|{_THINGS_ZH})[>\]】)]", re.IGNORECASE)
_OMITTED = re.compile(rf"[\u200e\s]*(?:{_THINGS}) omitted", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """``time`` is ISO 8601, None where none is told; ``role`` is None where the speaker's name has to tell it."""

    dialogue: str
    speaker: str
    text: str
    time: str | None = None
    role: Speaker | None = None


def kept(turn: Said, account: Account) -> bool:
    """Whether there is something to read in a turn that somebody said in a dialogue; if not, it is counted."""
    text = turn.text.strip()
    reason = ""
    if not text or is_void(text):
        reason = "empty"
    elif _MEDIA.fullmatch(text) or _OMITTED.fullmatch(text):
        reason = "media"
    elif len(text) > LONGEST_TEXT:
        reason = "too_long"
    elif not turn.dialogue.strip():
        reason = "no_dialogue"
    elif not turn.speaker.strip() and turn.role is None:
        reason = "no_speaker"
    if reason:
        account.left[reason] += 1
    return not reason

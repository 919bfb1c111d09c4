"""What a built assistant promises, read without opening the rest of it."""

import json
from pathlib import Path

from argosy.assist.answering.rules import Rules
from argosy.assist.folder import ASSISTANT
from argosy.assist.guarantee.thresholds import Thresholds


def thresholds_of(model: Path) -> Thresholds:
    """The thresholds of the assistant in a folder."""
    told = json.loads((model / ASSISTANT).read_text(encoding="utf-8"))
    return Rules.from_json(told["rules"]).thresholds

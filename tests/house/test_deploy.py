"""The files by which the service is run elsewhere name what is there, and give away nothing."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"


def test_the_image_takes_what_is_there_and_is_not_root() -> None:
    """Each lock that the image installs exists and is installed with its hashes; the last user is not root."""
    file = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    locks = re.findall(r"install (.*)--requirement (\S+)", file)
    assert {lock for _, lock in locks} == {f"requirements/{name}.lock" for name in ("build", "serve", "postgres")}
    assert all("--require-hashes" in options and (DEPLOY.parent / lock).is_file() for options, lock in locks)
    assert re.findall(r"^USER (\S+)", file, re.MULTILINE)[-1] == "argosy"


def test_the_image_takes_only_what_it_needs() -> None:
    """What is copied into the image is let through, and nothing else of the folder."""
    file = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = {word.removeprefix("./") for line in re.findall(r"^COPY (?!--from)(.*) \S+$", file, re.MULTILINE)
              for word in line.split()}  # fmt: skip
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == copied


def test_the_parts_of_the_composition_fit() -> None:
    """Each service that another waits for, each volume and each secret is declared; no password stands in the file."""
    whole = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = whole["services"]
    assert all(set(service.get("depends_on", ())) <= set(services) for service in services.values())
    assert {name for service in services.values() for name in service.get("secrets", ())} == set(whole["secrets"])
    named = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", ())}
    assert {name for name in named if name.isalpha()} == set(whole["volumes"])
    assert "POSTGRES_PASSWORD" not in services["database"]["environment"]
    assert (DEPLOY / "Caddyfile").is_file()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is a part of the system, and not here")
def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    """The unit has no key or value that systemd does not know, with a program in the place of the install's."""
    unit = tmp_path / "argosy.service"
    text = (DEPLOY / "argosy.service").read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/argosy/bin/argosy", shutil.which("true") or ""), encoding="utf-8")
    told = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False, timeout=60
    )
    assert "argosy.service" not in told.stderr, told.stderr

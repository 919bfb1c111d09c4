"""What a new project is begun from."""

from pathlib import Path

import pytest

from argosy.core.errors import DataError
from argosy.project.building.templates import describe_data


def test_a_file_without_numbers_is_told_before_a_project_is_written(tmp_path: Path) -> None:
    """In words about the file, whatever its encoding; the project file, which nobody wrote yet, is not blamed."""
    rows = "".join(f"很好用{number},{'好差'[number % 2]}\n" for number in range(20))
    (tmp_path / "评论.csv").write_bytes(f"评论,标签\n{rows}".encode("gb18030"))
    with pytest.raises(DataError, match=r"评论\.csv: No column beside the label holds numbers.\n.*--template classify"):
        describe_data(tmp_path / "评论.csv", {"label", "numeric"})

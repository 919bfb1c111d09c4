"""Which tests run in one process, one after the other, so that what they share is made once."""

from xdist.scheduler import LoadScopeScheduling

# the files of tests on the built project
BUILT = frozenset(
    f"tests/{name}.py"
    for name in (
        *(
            "docs/test_examples",
            "docs/test_watched_pages",
            "project/test_build",
            "project/test_compare",
            "project/test_selling_whole",
        ),
        "project/test_lineage_built",
        *("ui/test_bad_input", "ui/test_cli"),
    )
)
# rooms whose tests share an exported graph, or a database
ROOMS = ("tests/compress", "tests/store")
# begun first, so that no process is left alone with one at the end
LONGEST = ("built", *ROOMS, "tests/stages/test_finetuning.py", "tests/docs/test_classics.py")


def group(file: str) -> str:
    """What a file's tests run together with: a file, a room or all that need the built project."""
    room = file.rpartition("/")[0]
    return "built" if file in BUILT else room if room in ROOMS else file


class ByGroup(LoadScopeScheduling):
    """Hands whole groups to processes, as marks of ``xdist_group`` cannot under pytest 9.2, which computes node ids."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid.partition("::")[0])

"""What must never be in the repository, and how long its files may be."""

import re

# Put together from pieces, or this file would hold what it forbids.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("snapshot", "debian", "org"),
        ("docker", "io"),
        ("quay", "io"),
        ("ghcr", "io"),
        ("gcr", "io"),
    )
)
MACHINE_PATHS = tuple(
    "/".join(("", *parts, "")) for parts in (("work", "main"), ("work", "shared"), ("root",), ("Users",))
)
HOME_PATH = re.compile(r"(?<![\w.])/home/(?!(edo|nonroot)\b)\w+")

LONGEST = 500
CODE = (".py", ".sh", ".css", ".js", ".html", ".xml", ".toml", ".yml", ".md")
LONGER_FOR_A_REASON: dict[str, str] = {"docs/workflows.md": "generated, a table of each workflow, read one at a time"}


def test_no_registry_host_is_named(tracked: dict[str, str]) -> None:
    found = [(name, host) for name, text in tracked.items() for host in REGISTRIES if host in text]

    assert found == []


def test_no_path_of_one_machine_is_named(tracked: dict[str, str]) -> None:
    found = [(name, path) for name, text in tracked.items() for path in MACHINE_PATHS if path in text]
    found += [(name, match[0]) for name, text in tracked.items() for match in HOME_PATH.finditer(text)]

    assert found == []


def test_no_file_outgrows_a_reader(tracked: dict[str, str]) -> None:
    lengths = {name: len(text.splitlines()) for name, text in tracked.items() if name.endswith(CODE)}

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {
        name: lengths.get(name) for name in LONGER_FOR_A_REASON
    }


def test_no_conflict_marker_was_committed(tracked: dict[str, str]) -> None:
    marker = re.compile(r"^(<{7} |>{7} )", flags=re.MULTILINE)

    assert [name for name, text in tracked.items() if marker.search(text)] == []

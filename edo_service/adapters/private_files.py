"""Files that only the service may read, each appearing whole under its name."""

from pathlib import Path


def put_private(folder: Path, name: str, content: bytes) -> None:
    """Write the file (mode 0600, the folder 0700); the same name again replaces it. OSError when the disk refuses."""
    target = folder / name
    fresh = target.with_suffix(".new")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh.write_bytes(content)
    fresh.chmod(0o600)
    fresh.replace(target)

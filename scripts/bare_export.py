"""A set of the demonstration on a stranger's machine: verified there without any software of ours, now and in six years.

The second half of `make bare`. `made` walks `edo demo`, closes the day and takes the invoice's set out with its evidence
record; `try_everything` carries the ZIP into a chroot that holds openssl and libengine-gost-openssl (and libfaketime for
its clock), without a network, and runs `sh verify.sh`:

1. as it came: exit 0, the evidence record among what was found right;
2. with the clock six years on: exit 0;
3. with one bit changed in one file, every file in turn, as it is and with SHA256SUMS and manifest.json recomputed: exit 1,
   and its last line names the file.

Standard library only.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGES = "openssl,libengine-gost-openssl,libfaketime"
PLACE = "package"  # where the set lies, below the chroot's root
RECORD = "evidence/record.er"
LISTS = ("SHA256SUMS", "manifest.json")
SIX_YEARS = "+2200d"
KINDS: Mapping[str, str] = {
    "parts": "parts/*.xml",
    "signatures": "parts/*.sig",
    "time-stamps": "timestamps/*.tst",
    "certificates": "certificates/*",
    "answers on revocation": "revocation/*",
    "printed forms": "printed/*",
    "the manifest": "manifest.json",
    "its signature and time-stamp": "manifest.json.*",
    "the evidence record": RECORD,
    "the list of hashes": "SHA256SUMS",
}
"""What a set must hold, or the proof would be about less than it says."""
Say = Callable[[str], None]
Run = Callable[..., str]
"""Runs a program of the environment over a data folder and gives what it wrote."""


class NotProvenError(Exception):
    """The set did not do what was promised on the stranger's machine."""


def made(run: Run, out: Path) -> str:
    """Walk the demonstration with `run`, close the day, take the invoice's set out to `out`. Returns the set's id."""
    lines = [json.loads(line) for line in run("edo", "demo", "--json").splitlines()]
    found = next((line["detail"] for line in lines if line["step"] == "archive.invoice" and line["ok"]), None)
    if found is None:
        raise NotProvenError(f"`edo demo` put no invoice into the archive: {lines[-1:]}")
    run("python", "-m", "scripts.close_day")
    run("edo", "archive", "export", found["package"], "-o", str(out))
    return str(found["package"])


@dataclass(frozen=True, kw_only=True)
class Stranger:
    """A chroot with nothing of ours; the set lies unpacked in it."""

    root: Path

    @property
    def folder(self) -> Path:
        """The set, seen from outside."""
        return self.root / PLACE

    def unpack(self, export: Path) -> None:
        """Carry the ZIP in."""
        with zipfile.ZipFile(export) as bundle:
            bundle.extractall(self.folder)

    def run(self, script: str, *, clock: str | None = None) -> tuple[int, str]:
        """Run a line of sh inside, without a network; exit code and output. `clock` moves the clock, as `+2200d`."""
        environment = []
        if clock is not None:
            (library,) = self.root.glob("usr/lib/*/faketime/libfaketime.so.1")
            environment = [f"LD_PRELOAD=/{library.relative_to(self.root)}", f"FAKETIME={clock}"]
        command = ["unshare", "--net", "chroot", str(self.root), "env", "-i", "PATH=/usr/bin:/bin", *environment]
        done = subprocess.run(
            [*command, "sh", "-c", f"cd /{PLACE} && {script}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def verify(self, *, clock: str | None = None) -> tuple[int, str]:
        """Run `sh verify.sh`."""
        return self.run("sh verify.sh", clock=clock)


def try_everything(stranger: Stranger, *, say: Say) -> None:
    """Verify the set as it came, in six years, and with every file changed. NotProvenError tells what did not hold."""
    _expect_whole(*stranger.verify(), when="as it came")
    say("verify.sh there: exit 0, the evidence record verified")
    (this_year, there), (_, then) = (stranger.run("date +%Y", clock=clock) for clock in (None, SIX_YEARS))
    if this_year != 0 or int(then) - int(there) not in {6, 7}:
        raise NotProvenError(f"the clock there does not move: {there.strip()} and {then.strip()}")
    _expect_whole(*stranger.verify(clock=SIX_YEARS), when="six years later")
    say(f"in {then.strip()}: exit 0")
    names = sorted(str(path.relative_to(stranger.folder)) for path in stranger.folder.rglob("*") if path.is_file())
    names.remove("verify.sh")
    counts = {word: len(fnmatch.filter(names, pattern)) for word, pattern in KINDS.items()}
    if lacking := [word for word, count in counts.items() if not count]:
        raise NotProvenError(f"the set lacks {', '.join(lacking)}")
    failures = [wrong for name in names for wrong in _change(stranger, name)]
    if failures:
        raise NotProvenError("; ".join(failures))
    _expect_whole(*stranger.verify(), when="with everything put back")
    say(f"one bit changed in each of {len(names)} files, plain and with the lists recomputed: exit 1, the file named")


def _expect_whole(code: int, said: str, *, when: str) -> None:
    if code != 0 or f"[верно]    {RECORD}: метка 1" not in said or said.splitlines()[-1] != "Проверка пройдена":
        raise NotProvenError(f"verify.sh {when} ended with {code}:\n{said[-2000:]}")


def _change(stranger: Stranger, name: str) -> Iterator[str]:
    """Change one bit of a file, without and with the lists made right again; tell what verify.sh did not find."""
    before = {path: path.read_bytes() for path in map(stranger.folder.joinpath, {name, *LISTS})}
    for recomputed in (False, True):
        if recomputed and name == "SHA256SUMS":
            continue  # made right again, it would be as before
        victim = stranger.folder / name
        content = bytearray(before[victim])
        content[len(content) // 2] ^= 1
        victim.write_bytes(content)
        if recomputed:
            recompute(stranger.folder, manifest=name != "manifest.json")
        code, said = stranger.verify()
        last = (said.splitlines() or [""])[-1]
        if code != 1 or not last.startswith("НАРУШЕНО: ") or name not in last:
            yield f"{name} changed{', lists recomputed' if recomputed else ''}: exit {code}, «{last}»"
        for path, kept in before.items():
            path.write_bytes(kept)


def recompute(folder: Path, *, manifest: bool) -> None:
    """What a forger does after a change: SHA-256 and size in manifest.json, and SHA256SUMS, are made right again."""
    if manifest:
        listing = json.loads((folder / "manifest.json").read_bytes())
        for part in listing["parts"]:
            content = (folder / part["path"]).read_bytes()
            part["sha256"], part["size"] = hashlib.sha256(content).hexdigest(), len(content)
        written = json.dumps(listing, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        (folder / "manifest.json").write_text(written, encoding="utf-8")
    names = [line.split("  ", 1)[1] for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()]
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")

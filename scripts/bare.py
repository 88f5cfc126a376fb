"""Prove that a bare Debian 12 is enough: `make run`, `make test`, and an exported set on a stranger's machine.

Standard library only, needs root. The chroot holds Debian's minbase, python3.11, git and make, a clone of HEAD,
the test data beside it (as `../shared`) and this machine's settings for apt, pip and certificates, which are copied
at run time and never written into the repository. Everything happens inside private mount and process namespaces:
when they end, no mount and no process is left, whatever went wrong.

1. debootstrap into a temporary folder;
2. settings, clone, then caches emptied, so that the next step is cold;
3. `make run` until its first page answers (at most 60 s), SIGTERM, nothing may be left running;
4. `make run` again: seconds, and the data of the first run is still there;
5. `CI=true make test`; nothing may be left running;
6. `edo demo` there, its day closed, its set exported; the ZIP is verified in a second chroot that holds openssl and
   libengine-gost-openssl only, and each changed file of it is found (scripts/bare_export.py).

`--export` does the last step alone, with the environment of this checkout in place of the first chroot's.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from scripts import bare_export, debian
from scripts.answering import answers

ROOT = Path(__file__).resolve().parent.parent
INSIDE = "EDO_BARE_INSIDE"
PLACE = "/srv/edo/main"  # the clone, as the chroot sees it
PACKAGES = "python3.11,git,make,ca-certificates"
COLD_LIMIT = 60.0
WARM_LIMIT = 15.0
STOP_LIMIT = 30.0
PASSED_ON = re.compile(r"PIP_\w+|UV_\w+|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|(https?|no|all)_proxy", re.IGNORECASE)
HOME = Path.home()
PIP_SETTINGS = ("/etc/pip.conf", "/etc/xdg/pip", str(HOME / ".config/pip"), str(HOME / ".pip"))


class BareError(Exception):
    """The bare machine did not do what was promised."""


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(f"[bare] {text}", flush=True)


def release() -> str:
    """Name this machine's Debian release, whose mirror settings are used."""
    text = Path("/etc/os-release").read_text(encoding="utf-8")
    found = re.search(r"^VERSION_CODENAME=(\w+)", text, flags=re.MULTILINE)
    if found is None:
        raise BareError("this machine is no Debian: its apt settings cannot be used")
    return found[1]


def debian_sources(codename: str) -> list[Path]:
    """List the apt source files that serve Debian itself; other vendors' are not wanted on a bare machine."""
    etc = Path("/etc/apt")
    files = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    suites = re.compile(rf"(?<![\w-]){codename}(-updates|-security)?(?![\w-])")
    return [path for path in files if path.is_file() and suites.search(path.read_text(encoding="utf-8"))]


def mirror(sources: list[Path], codename: str) -> str:
    """Find the address that serves the release's main suite in this machine's apt settings."""
    text = "\n\n".join(path.read_text(encoding="utf-8") for path in sources)
    for stanza in re.split(r"\n\s*\n", text):
        address = re.search(r"^URIs:\s*(\S+)", stanza, flags=re.MULTILINE)
        if address and re.search(rf"^Suites:.*(?<![\w-]){codename}(?![\w-])", stanza, flags=re.MULTILINE):
            return address[1]
    line = re.search(rf"^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+{codename}\s", text, flags=re.MULTILINE)
    if line is None:
        raise BareError("no Debian mirror in this machine's apt settings")
    return line[1]


def debootstrap(root: Path, codename: str, sources: list[Path], *, packages: str = PACKAGES) -> None:
    """Unpack the smallest Debian with these packages, by default Python, git and make."""
    root.mkdir()
    proxy = subprocess.run(["apt-config", "dump", "Acquire::http::Proxy"], capture_output=True, text=True, check=False)
    found = re.search(r'"(http[^"]+)"', proxy.stdout)
    environment = os.environ | ({"http_proxy": found[1]} if found else {})
    command = ["debootstrap", "--variant=minbase", f"--include={packages}", codename, str(root)]
    with (root.parent / "debootstrap.log").open("w", encoding="utf-8") as log:
        done = subprocess.run(
            [*command, mirror(sources, codename)], stdout=log, stderr=log, env=environment, check=False
        )
    if done.returncode != 0:
        raise BareError(f"debootstrap failed:\n{(root.parent / 'debootstrap.log').read_text(encoding='utf-8')[-2000:]}")


def copy_in(root: Path, path: Path) -> None:
    """Copy a file or folder of this machine to the same place in the chroot."""
    target = root / path.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, target, dirs_exist_ok=True, symlinks=True)
    elif path.exists():
        target.unlink(missing_ok=True)
        shutil.copy2(path, target)


def local_folders() -> Iterator[Path]:
    """Find the local package folders that pip's settings name."""
    texts = [value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))]
    for setting in map(Path, PIP_SETTINGS):
        files = [setting] if setting.is_file() else sorted(setting.rglob("*"))
        texts += [path.read_text(encoding="utf-8") for path in files if path.is_file()]
    for name in sorted(set(re.findall(r"(?<![\w/])(?:file://)?(/[^\s,;'\"]+)", "\n".join(texts)))):
        if Path(name).is_dir() and not Path(name).is_relative_to("/etc"):
            yield Path(name)


def mount(*arguments: str | Path) -> None:
    """Mount inside the private namespace."""
    subprocess.run(["mount", *map(str, arguments)], check=True)


def bind(source: Path, target: Path) -> None:
    """Show a folder of this machine in the chroot, read-only."""
    target.mkdir(parents=True, exist_ok=True)
    mount("--bind", source, target)
    mount("-o", "remount,bind,ro", target)


def furnish(root: Path, sources: list[Path]) -> None:
    """Copy settings, mount the kernel's file systems, clone HEAD, forget what would warm the next steps."""
    for path in [*sources, *map(Path, ("/etc/apt/apt.conf.d", "/etc/apt/auth.conf.d", "/etc/apt/trusted.gpg.d"))]:
        copy_in(root, path)
    if Path("/etc/apt/sources.list") not in sources:
        (root / "etc/apt/sources.list").unlink(missing_ok=True)
    settings = ("/etc/resolv.conf", "/etc/hosts", "/usr/share/keyrings", "/usr/local/share/ca-certificates")
    for path in map(Path, (*settings, *PIP_SETTINGS)):
        if path.exists():
            copy_in(root, path)
    mount("-t", "proc", "proc", root / "proc")
    mount("--rbind", "/dev", root / "dev")
    bind(Path("/sys"), root / "sys")
    for folder in local_folders():
        bind(folder, root / folder.relative_to("/"))
    test_data = Path(os.environ.get("EDO_TEST_DATA", ROOT.parent / "shared"))
    if test_data.is_dir():
        bind(test_data, root / "srv/edo/shared")
    bind(ROOT, root / "mnt")
    inside(root, "update-ca-certificates")
    inside(root, "git", "clone", "--quiet", "-c", "safe.directory=*", "file:///mnt", PLACE)
    subprocess.run(["umount", str(root / "mnt")], check=True)
    for cache in ("var/lib/apt/lists", "var/cache/apt/archives", str(HOME / ".cache").lstrip("/")):
        shutil.rmtree(root / cache, ignore_errors=True)
        (root / cache).mkdir(parents=True)


def bare_environment(**more: str) -> dict[str, str]:
    """Give what a log-in on a bare machine has, and this machine's way to the package registries."""
    base = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(HOME), "USER": "root"}
    return base | {name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)} | more


def inside(root: Path, *command: str, environment: Mapping[str, str] | None = None) -> None:
    """Run a command in the chroot to its end; its output goes through."""
    done = subprocess.run(
        ["chroot", str(root), *command],
        env=bare_environment(**(environment or {})),
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        raise BareError(f"{' '.join(command)} ended with {done.returncode}")


def left_running() -> dict[int, str]:
    """Show the processes of this namespace other than this script."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            state = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except OSError:
            continue  # it has just ended
        if int(entry.name) not in {1, os.getpid()} and state != "Z":
            found[int(entry.name)] = command
    return found


def free_port() -> int:
    """Find a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_once(root: Path, port: int, *, limit: float, what: str) -> float:
    """Start `make run`, wait for its first page, end it with SIGTERM. Returns the seconds until the page."""
    command = ["chroot", str(root), "make", "-C", PLACE, "run"]
    began = time.monotonic()
    service = subprocess.Popen(command, env=bare_environment(EDO_PORT=str(port)), stdin=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/"
    while not answers(address):
        if service.poll() is not None:
            raise BareError(f"{what}: `make run` ended by itself with {service.returncode}")
        if time.monotonic() - began > 5 * limit:
            service.kill()
            raise BareError(f"{what}: no answer on {address} after {5 * limit:.0f} s")
        time.sleep(0.1)
    took = time.monotonic() - began
    say(f"{what}: {address} answered after {took:.1f} s (limit {limit:.0f} s)")
    service.send_signal(signal.SIGTERM)
    try:
        service.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        raise BareError(f"{what}: SIGTERM did not end `make run` within {STOP_LIMIT:.0f} s") from None
    expect_nothing_left(what)
    return took


def expect_nothing_left(what: str) -> None:
    """Fail when a process outlived its command."""
    deadline = time.monotonic() + 5
    while (left := left_running()) and time.monotonic() < deadline:
        time.sleep(0.1)
    if left:
        raise BareError(f"{what} left processes: {left}")


def prove(folder: Path, options: argparse.Namespace) -> None:
    """Do the steps inside the namespaces; the folder is removed by the caller."""
    codename = release()
    sources = debian_sources(codename)
    if options.export:
        subprocess.run(["make", "-C", str(ROOT), "setup"], check=True)
        prove_export(folder, codename, sources, made_in=None)
        return
    root = folder / "root"
    began = time.monotonic()
    if options.base:
        subprocess.run(["cp", "-a", options.base, str(root)], check=True)
    else:
        debootstrap(root, codename, sources)
    furnish(root, sources)
    say(f"a bare {codename} stands after {time.monotonic() - began:.0f} s")
    late = [] if options.only_test else prove_run(root)
    if not options.only_run:
        began = time.monotonic()
        inside(root, "make", "-C", PLACE, "test", environment={"CI": "true"})
        say(f"`make test` passed in {time.monotonic() - began:.0f} s")
        expect_nothing_left("`make test`")
    if not options.only_run and not options.only_test:
        prove_export(folder, codename, sources, made_in=root)
    if late:
        raise BareError("; ".join(late))


def prove_run(root: Path) -> list[str]:
    """Steps 3 and 4; tells what was late, which fails only at the end."""
    port = int(os.environ.get("EDO_PORT") or free_port())
    cold = run_once(root, port, limit=COLD_LIMIT, what="first `make run`")
    kept = data_files(root)
    warm = run_once(root, port, limit=WARM_LIMIT, what="second `make run`")
    if lost := kept - data_files(root):
        raise BareError(f"the second run lost data of the first: {sorted(lost)[:5]}")
    return [
        f"first page after {took:.1f} s, {limit:.0f} s were promised"
        for took, limit in ((cold, COLD_LIMIT), (warm, WARM_LIMIT))
        if took > limit
    ]


def prove_export(folder: Path, codename: str, sources: list[Path], *, made_in: Path | None) -> None:
    """Step 6. made_in: the chroot whose environment makes the set, None for this checkout's."""
    began = time.monotonic()
    base, place = ("", str(ROOT)) if made_in is None else (str(made_in), PLACE)
    scratch = str(folder / "taken") if made_in is None else "/srv/edo/taken"
    Path(f"{base}{scratch}").mkdir()

    def run(program: str, *arguments: str) -> str:
        command = [*(["chroot", base] if base else []), "env", "-C", place, f"{place}/.venv/bin/{program}", *arguments]
        done = subprocess.run(
            command,
            env=bare_environment(EDO_DATA_DIR=f"{scratch}/data"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BareError(f"{program} {' '.join(arguments)} ended with {done.returncode}: {done.stdout[-2000:]}")
        return done.stdout

    package = bare_export.made(run, Path(scratch) / "set.zip")
    say(f"`edo demo` and `edo archive export`: set {package} after {time.monotonic() - began:.0f} s")
    expect_nothing_left("`edo demo`")
    root = folder / "stranger"
    debootstrap(root, codename, sources, packages=bare_export.PACKAGES)
    mount("--rbind", "/dev", root / "dev")
    stranger = bare_export.Stranger(root=root)
    stranger.unpack(Path(f"{base}{scratch}/set.zip"))
    bare_export.try_everything(stranger, say=say)
    say(f"a stranger's machine verified the set and found every change; {time.monotonic() - began:.0f} s in all")


def data_files(root: Path) -> set[str]:
    """List what the service keeps, without what a database writes and removes beside itself."""
    data = root / PLACE.lstrip("/") / "data"
    passing = ("-wal", "-shm", ".log", ".sock", ".pid", ".lock")
    return {
        str(path.relative_to(data)) for path in data.rglob("*") if path.is_file() and not path.name.endswith(passing)
    }


def remove(folder: Path) -> None:
    """Remove the folder; processes of a namespace that was cut off may still be writing their last."""
    deadline = time.monotonic() + 30
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        say(f"could not remove {folder}")


def parse() -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only-run", action="store_true", help="leave out `make test`")
    parser.add_argument("--only-test", action="store_true", help="leave out `make run`")
    parser.add_argument("--export", action="store_true", help="only the exported set on a stranger's machine")
    parser.add_argument("--base", metavar="DIR", help="copy this minbase instead of calling debootstrap")
    return parser.parse_args()


def main() -> int:
    """Entry point: outside, make the folder and the namespaces; inside, do the work."""
    options = parse()
    if INSIDE in os.environ:
        try:
            prove(Path(os.environ.pop(INSIDE)), options)
        except (BareError, bare_export.NotProvenError, subprocess.CalledProcessError) as error:
            say(f"FAILED: {error}")
            return 1
        say("passed")
        return 0
    if os.geteuid() != 0:
        print("`make bare` makes a chroot: run it as root", file=sys.stderr)
        return 77
    if not debian.ensure(debian.BARE, purpose="`make bare`"):
        return 69
    if (
        not options.export
        and subprocess.run(["git", "-C", ROOT, "diff", "--quiet", "HEAD"], check=False).returncode != 0
    ):
        say("uncommitted changes are not tried: the chroot clones HEAD")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the folder and the namespaces go away then too
    folder = tempfile.mkdtemp(prefix="edo-bare-")
    namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    try:
        command = [*namespaces, sys.executable, "-m", "scripts.bare", *sys.argv[1:]]
        return subprocess.run(command, env=os.environ | {INSIDE: folder}, check=False).returncode
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        remove(Path(folder))


if __name__ == "__main__":
    sys.exit(main())

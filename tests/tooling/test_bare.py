"""The parts of the bare-machine proof that need no chroot."""

from pathlib import Path

import pytest

from scripts import bare, debian

NEW_FORM = """Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: http://mirror.example/security
Suites: bookworm-security
Components: main
"""


@pytest.mark.parametrize(
    "text",
    [
        NEW_FORM,
        "deb http://mirror.example/debian bookworm main\n",
        "deb [signed-by=/usr/share/keyrings/x.gpg] http://mirror.example/debian bookworm main contrib\n",
        "deb http://mirror.example/security bookworm-security main\ndeb http://mirror.example/debian bookworm main\n",
    ],
)
def test_the_mirror_is_read_from_the_settings_of_this_machine(tmp_path: Path, text: str) -> None:
    source = tmp_path / "debian.sources"
    source.write_text(text, encoding="utf-8")

    assert bare.mirror([source], "bookworm") == "http://mirror.example/debian"


def test_a_machine_without_a_debian_mirror_is_told_so(tmp_path: Path) -> None:
    source = tmp_path / "other.list"
    source.write_text("deb http://mirror.example/vendor vendor-bookworm main\n", encoding="utf-8")

    with pytest.raises(bare.BareError, match="no Debian mirror"):
        bare.mirror([source], "bookworm")


def test_only_the_way_to_the_registries_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CERT", "/etc/ssl/certs/ca-certificates.crt")
    monkeypatch.setenv("https_proxy", "http://proxy.example")
    monkeypatch.setenv("EDO_DATA_DIR", "/somewhere")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")

    passed_on = bare.bare_environment(CI="true")

    assert {"PIP_CERT", "https_proxy", "CI", "PATH", "HOME"} <= set(passed_on)
    assert not {"EDO_DATA_DIR", "PYTHONPATH", "LANG"} & set(passed_on)


def test_nothing_that_a_package_installs_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(debian, "POLICY", policy)

    with debian.daemons_stay_down():
        assert policy.stat().st_mode & 0o111
        assert "exit 101" in policy.read_text(encoding="utf-8")

    assert not policy.exists()


def test_an_administrators_own_policy_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    monkeypatch.setattr(debian, "POLICY", policy)

    with debian.daemons_stay_down():
        pass

    assert policy.read_text(encoding="utf-8") == "#!/bin/sh\nexit 0\n"


def test_without_root_the_exact_line_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(debian, "missing", list)

    ready = debian.ensure(("chromium", "unzip"), purpose="`make test`")

    assert not ready
    assert "apt-get update && apt-get install -y --no-install-recommends chromium unzip\n" in capsys.readouterr().err


def test_what_stands_in_for_a_package_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "_status", lambda name: name == "nginx")

    assert debian.is_installed("nginx-light")
    assert not debian.is_installed("unzip")

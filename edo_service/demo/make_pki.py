"""Build the demo PKI into a directory: `python -m edo_service.demo.make_pki --out DIR` (target `make pki`).

The layout of the directory is told in `signing.pki.storage`. An existing PKI there is replaced, keys and all; any other
non-empty directory is left alone (exit 1).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from edo_service.kernel.clock import Clock, SystemClock
from signing import SigningError
from signing.pki import Pki, PkiDeclaration, PkiExists, build, load_declaration

DECLARATION: Final = Path(__file__).with_name("pki.toml")
HOST: Final = "pki.demo.test"  # a name that no resolver knows (RFC 6761 reserves .test)


def demo_declaration() -> PkiDeclaration:
    """The declaration that comes with the product: companies, people, names of entities."""
    return load_declaration(DECLARATION)


def ensure_pki(directory: Path, *, clock: Clock, passwords: Mapping[str, bytes]) -> Pki:
    """Load the PKI in `directory`, or build the demo one there, its keys encrypted by `passwords` (name -> PIN).

    Processes that start at once end with the same PKI: one of them wins, the others load what it made.
    """
    if (directory / "pki.json").is_file():
        return Pki.load(directory)
    fresh = build(demo_declaration(), now=clock.now(), host=HOST)
    try:
        fresh.save(directory, passwords)
    except PkiExists:
        return Pki.load(directory)
    return Pki.load(directory)


def main(arguments: Sequence[str] | None = None) -> int:
    """Rebuild the PKI as the arguments say; 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(description="Rebuild the demo PKI.")
    parser.add_argument("--out", type=Path, required=True, help="directory; a PKI that is there is replaced")
    parser.add_argument("--declaration", type=Path, default=DECLARATION, help="TOML file (default: the demo's)")
    parser.add_argument("--host", default=HOST, help="host in the addresses of CRL, OCSP and issuers")
    options = parser.parse_args(arguments)
    try:
        pki = build(load_declaration(options.declaration), now=SystemClock().now(), host=options.host)
        pki.save(options.out, replace=True)
    except SigningError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{options.out}: {len(pki.names)} certificates\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

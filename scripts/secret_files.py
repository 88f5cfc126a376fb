"""Make the secret files of docker-compose.yml in deploy/secrets: `python3.11 -m scripts.secret_files`.

Standard library and openssl only. What exists is never replaced, so it may be repeated; replace tls_certificate and
tls_key by real ones. Files are readable for the containers' users, the folder is not for anyone else on the host.
"""

from __future__ import annotations

import base64
import secrets
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "deploy" / "secrets"


class Folder:
    """The folder of secrets; each is made once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, name: str, fresh: str) -> str:
        """Give the content of a secret; a missing one is written first."""
        path = self._path / name
        if not path.exists():
            path.write_text(fresh, encoding="ascii")
            path.chmod(0o444)
            print(f"made {name}")
        return path.read_text(encoding="ascii")

    def make_certificate(self, host: str) -> None:
        """Make a self-signed certificate to begin with; browsers warn until it is replaced."""
        certificate, key = self._path / "tls_certificate", self._path / "tls_key"
        if certificate.exists() and key.exists():
            return
        names = f"subjectAltName=DNS:{host}"
        request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        request += ["-days", "365", "-subj", f"/CN={host}", "-addext", names]
        request += ["-keyout", str(key), "-out", str(certificate)]
        subprocess.run(request, check=True, capture_output=True)
        key.chmod(0o444)
        certificate.chmod(0o444)
        print(f"made tls_certificate, tls_key (self-signed for {host})")


def make(path: Path, host: str) -> None:
    """Make every secret that is missing."""
    folder = Folder(path)
    folder.keep("postgres_superuser_password", secrets.token_hex(24))
    password = folder.keep("postgres_edo_password", secrets.token_hex(24))
    folder.keep("edo_database_url", f"postgresql+psycopg://edo:{password}@postgres:5432/edo")
    password = folder.keep("rabbitmq_password", secrets.token_hex(24))
    folder.keep("rabbitmq_user.conf", f"default_user = edo\ndefault_pass = {password}\n")
    folder.keep("edo_broker_url", f"amqp://edo:{password}@rabbitmq:5672//")
    password = folder.keep("redis_password", secrets.token_hex(24))
    folder.keep("redis_users.conf", f"requirepass {password}\n")
    folder.keep("edo_redis_url", f"redis://:{password}@redis:6379/0")
    folder.keep("edo_s3_access_key", "edo" + secrets.token_hex(8))
    folder.keep("edo_s3_secret_key", secrets.token_hex(20))
    folder.keep("edo_secret_keys", base64.b64encode(secrets.token_bytes(32)).decode("ascii"))
    folder.make_certificate(host)


def main() -> int:
    """Entry point; an argument names the host of the certificate."""
    make(FOLDER, sys.argv[1] if len(sys.argv) > 1 else "localhost")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A small ГОСТ PKI by the openssl command line alone (root, issuing, signer, TSA): a second opinion on ours."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

ENGINE = """openssl_conf = top
[top]
engines = engines
[engines]
gost = gost
[gost]
engine_id = gost
default_algorithms = ALL
"""
# The engine's file and this one must not be the same: loading the engine twice fails.
RULES = """
[req]
distinguished_name = name
prompt = no
[name]
CN = unused
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[issuing]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[signer]
keyUsage = critical,digitalSignature,nonRepudiation
extendedKeyUsage = clientAuth,emailProtection
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
keyUsage = critical,digitalSignature,nonRepudiation
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[authority]
default_tsa = one
[one]
serial = {folder}/tsa.serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/issuing.pem
signer_digest = md_gost12_256
default_policy = 1.2.643.2.2.38.4
digests = md_gost12_256, md_gost12_512, sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = md_gost12_256
"""


class GostPki:
    """Keys and certificates in a folder; signs and stamps through openssl."""

    def __init__(self, folder: Path, *, name: str = "Тест") -> None:
        self.folder = folder
        (folder / "engine.cnf").write_text(ENGINE)
        (folder / "rules.cnf").write_text(RULES.format(folder=folder))
        (folder / "tsa.serial").write_text("01")
        self._root(f"{name} головной УЦ")
        self._issue("issuing", f"{name} УЦ", issuer="root")
        self._issue("signer", "ООО «Вектор» Иванов И.И.", issuer="issuing")
        self._issue("tsa", f"{name} служба меток времени", issuer="issuing")

    def openssl(self, *words: str) -> bytes:
        env = {"PATH": os.environ["PATH"], "OPENSSL_CONF": str(self.folder / "engine.cnf")}
        done = subprocess.run(["openssl", *words], cwd=self.folder, env=env, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def file(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def der(self, name: str) -> bytes:
        return self.openssl("x509", "-in", f"{name}.pem", "-outform", "DER")

    def issue_foreign(self, algorithm: str, *options: str) -> None:
        """A signer with a key that is not ГОСТ, under the same issuing authority."""
        self._issue(algorithm, f"{algorithm} signer", issuer="issuing", extensions="signer", key=[algorithm, *options])

    def issue_tsa(self, name: str, *, days: int) -> None:
        """Another timestamping authority, issued by the root itself, that lasts as long as told."""
        self._issue(name, f"{name} служба меток", issuer="root", extensions="tsa", days=days)

    def sign(
        self,
        content: bytes,
        *,
        detached: bool = True,
        form: str = "DER",
        who: str = "signer",
        md: str = "md_gost12_256",
    ) -> bytes:
        (self.folder / "content").write_bytes(content)
        mode = ["-nodetach"] if not detached else []
        key = ["-signer", f"{who}.pem", "-inkey", f"{who}.key", "-md", md]
        return self.openssl(
            "cms", "-sign", "-binary", "-cades", *mode, *key, "-in", "content", "-outform", form, "-engine", "gost"
        )

    def stamp(self, content: bytes, *, who: str = "tsa", md: str = "md_gost12_256") -> bytes:
        """A timestamp token (not the whole response) over content."""
        (self.folder / "stamped").write_bytes(content)
        self.openssl("ts", "-query", "-data", "stamped", f"-{md}", "-cert", "-out", "stamped.tsq")
        config = ["-config", "rules.cnf", "-signer", f"{who}.pem", "-inkey", f"{who}.key"]
        self.openssl(
            "ts", "-reply", "-queryfile", "stamped.tsq", "-section", "one", *config, "-token_out", "-out", "stamped.tst"
        )
        return self.file("stamped.tst")

    def _key(self, name: str, algorithm: str = "gost2012_256", *options: str) -> None:
        chosen = options or ("paramset:XA",)
        pairs = [word for option in chosen for word in ("-pkeyopt", option)]
        self.openssl("genpkey", "-algorithm", algorithm, *pairs, "-out", f"{name}.key")

    def _root(self, name: str) -> None:
        self._key("root")
        subject = ["-utf8", "-subj", f"/C=RU/CN={name}"]
        options = ["-config", "rules.cnf", "-extensions", "root", "-days", "3650", "-md_gost12_256"]
        self.openssl("req", "-new", "-x509", "-key", "root.key", *subject, *options, "-out", "root.pem")

    def _issue(
        self,
        name: str,
        subject: str,
        *,
        issuer: str,
        extensions: str = "",
        key: Sequence[str] = ("gost2012_256",),
        days: int | None = None,
    ) -> None:
        self._key(name, *key)
        digest = "-md_gost12_256" if key[0].startswith("gost") else "-sha256"
        request = ["-utf8", "-subj", f"/C=RU/CN={subject}", "-config", "rules.cnf", digest]
        self.openssl("req", "-new", "-key", f"{name}.key", *request, "-out", f"{name}.csr")
        lasting = str(days or (1800 if name == "issuing" else 400))
        signing = ["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial", "-md_gost12_256"]
        rules = ["-extfile", "rules.cnf", "-extensions", extensions or name, "-days", lasting]
        self.openssl("x509", "-req", "-in", f"{name}.csr", *signing, *rules, "-out", f"{name}.pem")


def signature_value(cms: bytes) -> bytes:
    """The SignerInfo's signature octets: what a signature timestamp covers."""
    from asn1crypto import cms as asn1

    signers = asn1.ContentInfo.load(cms)["content"]["signer_infos"]
    return bytes(signers[0]["signature"].native)

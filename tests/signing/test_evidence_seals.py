"""A sealed time-stamp carries all that judging it takes, and stays a token that openssl verifies."""

from pathlib import Path

import signing
from tests.signing.conftest import World
from tests.signing.maker import NOW
from tests.signing.test_evidence_records import _openssl


def test_a_seal_of_ocsp_answers_and_lists_is_whole_and_openssl_still_verifies_the_token(
    world: World, tmp_path: Path
) -> None:
    token = world.tsa.timestamp("streebog256", signing.digest("streebog256", b"data"))
    source = signing.OfflineEvidence(ocsp=[world.issuing.ocsp(world.tsa.holder.certificate)], crls=[world.root.crl()])
    sealed = signing.seal_timestamp(token, trust=world.trust, evidence=source, at=NOW)
    for content, indication in ((token, "INDETERMINATE"), (sealed, "TOTAL-PASSED")):
        record = signing.begin_evidence_record(content, objects=[b"data"]).to_der()
        report = signing.verify_evidence_record(
            record, [b"data"], trust=world.trust, evidence=signing.OfflineEvidence(), at=NOW
        )
        assert report.indication == indication
    (found,) = report.timestamps
    assert (len(found.evidence.ocsps), len(found.evidence.crls)) == (1, 1)

    (tmp_path / "token").write_bytes(sealed)
    (tmp_path / "data").write_bytes(b"data")
    (tmp_path / "trust").write_text(world.root.certificate.pem() + world.issuing.certificate.pem())
    arguments = ["-token_in", "-in", "token", "-data", "data", "-CAfile", "trust"]
    assert "OK" in _openssl(tmp_path, "ts", "-verify", *arguments, "-attime", str(int(NOW.timestamp())))

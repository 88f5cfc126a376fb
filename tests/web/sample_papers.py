"""Made-up view models of what a document's card leads to: its text, a signature's report."""

from sample_base import AT, CARD
from sample_documents import lines

from edo_service.documents import views as doc
from edo_service.web.components import sample as components
from edo_service.web.views import Fact


def text_page() -> doc.TextPage:
    party = (Fact(label="Название", text="ООО «ЛизингПром»"), Fact(label="ИНН / КПП", text="7700000016 / 770001001"))
    return doc.TextPage(
        title="УПД № 0417-Л от 17.11.2026",
        document=CARD,
        sections=(("Продавец", party), ("Покупатель", party)),
        lines=lines(),
    )


def report() -> doc.SignatureReport:
    return doc.SignatureReport(
        document=CARD,
        verdict=components().verdicts[1],
        facts=(
            Fact(label="Владелец", text="Орлов Игорь Павлович"),
            Fact(label="Серийный номер", text="02 4C 91 A7 00 5B"),
        ),
        checks=(
            ("Хеш документа", "passed", "Стрибог-256 совпал с подписанным"),
            ("Цепочка сертификатов", "passed", "3 сертификата до доверенного корня"),
            ("Отзыв", "unknown", "http://pki.demo.test/crl/issuing.crl не отвечает"),
        ),
        checked_at=AT,
    )

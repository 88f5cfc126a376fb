"""The signing panel beside a document and the ways to sign: what is shown there is what is signed."""

import signing
from edo_service.accounts import queries as accounts
from edo_service.documents.pages import words
from edo_service.documents.pages.ports import DocumentPorts
from edo_service.documents.queries import Card, PartCard
from edo_service.documents.rules import IN_DOUBT, stops
from edo_service.documents.views import Frozen, SigningPanel, SigningWay
from edo_service.errors import Conflict
from edo_service.kernel.actor import Right
from edo_service.kernel.calendar import moscow_date
from edo_service.keys import queries as keys
from edo_service.keys.queries import KeyCard
from edo_service.portal import Viewer
from edo_service.web import views

ACCEPTED, WITH_REMARKS = "accepted", "accepted_with_remarks"
KEY_FILE, CERTIFICATE_FILE = "key.pem", "certificate.pem"


def frozen(card: Card, part: PartCard, *, viewer: Viewer, ports: DocumentPorts) -> Frozen:
    """The very bytes: name, size, both hashes and where to get them."""
    content = ports.objects.get(card.owner_id, part.sha256)
    return Frozen(
        file_name=part.file_name,
        size=part.size,
        sha256=part.sha256,
        streebog256=signing.digest("streebog256", content).hex(),
        url=viewer.url(f"/documents/{card.line.id}/files/{part.id}"),
    )


def signer_of(viewer: Viewer) -> str:
    """«Жукова Анна Сергеевна, главный бухгалтер»."""
    return ", ".join(filter(None, (viewer.visitor.name, viewer.company.position.lower())))


def certificate_words(key: KeyCard | None) -> str:
    """Whose certificate and until when."""
    if key is None:
        return ""
    return f"{key.label}, действует до {key.not_after:%d.%m.%Y}"


def server_key(viewer: Viewer) -> KeyCard | None:
    """The key that signs titles for the viewer on the server, None when there is none usable."""
    uow = viewer.uow().reading()
    try:
        with uow:
            return keys.organization_key(uow, actor=viewer.actor)
    except Conflict:
        return None


def own_key(viewer: Viewer) -> KeyCard | None:
    """The person's own key kept here."""
    uow = viewer.uow().reading()
    with uow:
        return keys.personal_key(uow, viewer.actor.user_id)


def company_name(viewer: Viewer) -> str:
    """Name and ИНН of the company that signs."""
    uow = viewer.uow().reading()
    with uow:
        entity = accounts.entity(uow, viewer.actor.entity)
    return f"{entity.name}, ИНН {entity.inn}"


def signing_panel(
    card: Card, *, viewer: Viewer, ports: DocumentPorts, form: views.Form = views.EMPTY_FORM
) -> SigningPanel | None:
    """The panel when the move is the viewer's; None otherwise."""
    if words.is_draft(card.line) and viewer.may(Right.SIGN) and viewer.may(Right.SEND):
        return _for_sender(card, viewer=viewer, ports=ports)
    if words.is_your_move(card.line) and viewer.may(Right.SIGN):
        return _for_recipient(card, viewer=viewer, ports=ports, form=form)
    return None


def _for_sender(card: Card, *, viewer: Viewer, ports: DocumentPorts) -> SigningPanel:
    key = server_key(viewer)
    way = server_way(card, viewer=viewer)
    return SigningPanel(
        title="Подпишите и отправьте",
        company=company_name(viewer),
        signer=signer_of(viewer),
        certificate=certificate_words(key),
        frozen=frozen(card, card.main_part, viewer=viewer, ports=ports) if way else None,
        sign_url=viewer.url(f"/documents/{card.line.id}/sign"),
        direct=way,
        blocked="" if way else "Подписать нечем: на сервере нет действующего ключа, которым можете подписать вы.",
        blocked_link=None if way else views.Link(label="Ключи и сертификаты", url=viewer.url("/keys")),
    )


def _for_recipient(card: Card, *, viewer: Viewer, ports: DocumentPorts, form: views.Form) -> SigningPanel:
    line, url = card.line, viewer.url(f"/documents/{card.line.id}")
    part = card.part_to_sign
    if line.correction == "prepared":
        return _for_request(card, viewer=viewer, ports=ports)
    refusing = line.response == "refusal_prepared"
    answers: tuple[views.Choice, ...] = ()
    if line.kind == "upd":
        chosen = form.value("answer", ACCEPTED)
        answers = (
            views.Choice(value=ACCEPTED, label="Принято без расхождений", selected=chosen == ACCEPTED),
            views.Choice(value=WITH_REMARKS, label="Принято с расхождениями", selected=chosen == WITH_REMARKS),
        )
    return SigningPanel(
        title="Подпишите отказ" if refusing else "Подпишите документ",
        company=company_name(viewer),
        signer=signer_of(viewer),
        certificate=certificate_words(own_key(viewer)),
        deadline=words.answer_deadline(line, moscow_date(viewer.now)),
        answers=answers,
        form=form,
        frozen=frozen(card, part, viewer=viewer, ports=ports) if part else None,
        prepare_url=f"{url}/prepare",
        sign_url=f"{url}/sign",
        sign_label=("Подписать отказ" if refusing else "Подписать и отправить") if part else "Подготовить к подписи",
        reject_url=f"{url}/reject" if line.response == "required" and viewer.may(Right.REJECT) else "",
        blocked=words.IN_DOUBT
        if not refusing and (line.delivery == IN_DOUBT or stops(card.main_part.objection))
        else "",
        change_url=f"{url}/change-mind" if part else "",
    )


def _for_request(card: Card, *, viewer: Viewer, ports: DocumentPorts) -> SigningPanel:
    """A frozen request for a correction: it is signed or discarded before anything else."""
    part, url = card.part_to_sign, viewer.url(f"/documents/{card.line.id}")
    return SigningPanel(
        title="Подпишите запрос уточнения",
        company=company_name(viewer),
        signer=signer_of(viewer),
        certificate=certificate_words(server_key(viewer) or own_key(viewer)),
        frozen=frozen(card, part, viewer=viewer, ports=ports) if part else None,
        sign_url=f"{url}/sign",
        sign_label="Подписать запрос",
        change_url=f"{url}/change-mind",
    )


def server_way(card: Card, *, viewer: Viewer) -> SigningWay | None:
    """Sign with the organisation's key on the server and send: a draft, or a request; None without a key."""
    key = server_key(viewer)
    if key is None:
        return None
    act = "send" if words.is_draft(card.line) else "sign"
    return SigningWay(
        kind="server",
        title="Ключом компании на сервере",
        text="Подпишем CAdES-T со штампом времени и отправим. Обращение к ключу запишем в журнал.",
        action=viewer.url(f"/documents/{card.line.id}/{act}"),
        certificate=certificate_words(key),
        key_id=str(key.id),
    )


def ways(
    card: Card, part: PartCard, *, viewer: Viewer, refused: tuple[str, views.Form] | None = None
) -> tuple[SigningWay, ...]:
    """Every way open to the viewer. `refused` is (kind of way, form) of the try that was refused."""
    if words.is_draft(card.line):
        way = server_way(card, viewer=viewer)
        return (way,) if way else ()
    kind, form = refused or ("", views.EMPTY_FORM)
    action = viewer.url(f"/documents/{card.line.id}/sign")
    key = own_key(viewer)
    upload = SigningWay(
        kind="upload",
        title="В другой программе",
        text="Ваш ключ не покидает ваш компьютер.",
        action=action,
        command=signing.openssl_sign_command(part.file_name, KEY_FILE, CERTIFICATE_FILE, f"{part.file_name}.sig"),
        form=form if kind == "upload" else views.EMPTY_FORM,
    )
    server = server_way(card, viewer=viewer) if card.line.correction == "prepared" else None
    first = (server,) if server else ()
    if key is None:
        return (*first, upload)
    own = SigningWay(
        kind="own",
        title="Вашим ключом на портале",
        text="Ключ хранится зашифрованным, открыть его можете только вы."
        + (" Сейчас он заблокирован: ПИН не подошёл слишком много раз подряд." if key.locked else ""),
        action=action,
        certificate=certificate_words(key),
        key_id=str(key.id),
        form=form if kind == "own" else views.EMPTY_FORM,
    )
    return (*first, own, upload)

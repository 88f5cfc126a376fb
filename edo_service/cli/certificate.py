"""`edo certificate show`: what a certificate says."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edo_service.cli.files import read_file, refuse

if TYPE_CHECKING:
    import signing

app = typer.Typer(no_args_is_help=True, help="Certificates.")

_LABELS = {
    "common_name": "Имя",
    "surname": "Фамилия",
    "given_name": "Имя и отчество",
    "title": "Должность",
    "organization": "Организация",
    "inn": "ИНН",
    "inn_le": "ИНН организации",
    "ogrn": "ОГРН",
    "ogrnip": "ОГРНИП",
    "snils": "СНИЛС",
    "email": "Почта",
    "locality": "Город",
    "region": "Регион",
}
_OWNERS = {
    "person": "физическое лицо",
    "entrepreneur": "индивидуальный предприниматель",
    "representative": "представитель организации",
    "organization": "организация (автоматическая подпись)",
    "authority": "удостоверяющий центр",
}
_QUALIFIED = (
    ("subject_sign_tool", "Средство подписи владельца"),
    ("issuer_sign_tool", "Средства удостоверяющего центра"),
    ("tool_classes", "Классы средств"),
    ("identification", "Идентификация владельца"),
    ("key_until", "Ключ действует до"),
    ("faults", "Отступления от формы"),
)
_ROWS = (
    ("serial", "Серийный номер"),
    ("public_key_algorithm", "Ключ"),
    ("parameter_set", "Параметры ключа"),
    ("key_usage", "Использование ключа"),
    ("extended_key_usage", "Расширенное использование"),
    ("policies", "Политики"),
    ("crl_urls", "Списки отзыва"),
    ("ocsp_urls", "OCSP"),
    ("sha256", "Отпечаток SHA-256"),
)


@app.callback()
def certificates() -> None:
    """Commands about certificates."""


@app.command()
def show(
    file: Annotated[Path, typer.Argument(help="A certificate (PEM, DER), several of them in PEM, or a signature.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")] = False,
) -> None:
    """Show the certificates in a file. Exit 0, or 64 when there is none."""
    import signing

    try:
        facts = [signing.describe_certificate(one) for one in _certificates(read_file(file))]
    except signing.SigningError as error:
        refuse(f"{file}: {error}")
    if not facts:
        refuse(f"{file}: сертификатов нет")
    if as_json:
        typer.echo(json.dumps({"certificates": facts}, ensure_ascii=False, indent=1))
        return
    for number, one in enumerate(facts):
        if number:
            typer.echo("")
        for row in _words(one):
            typer.echo(row)


def _certificates(content: bytes) -> list["signing.Certificate"]:
    import signing

    try:
        return list(signing.load_certificates(content))
    except signing.SigningError:
        return list(signing.inspect_cms(content).certificates)


def _words(facts: dict[str, object]) -> list[str]:
    subject, issuer = (facts[name] for name in ("subject", "issuer"))
    rows = []
    if isinstance(subject, dict):
        rows = [f"{label}: {subject[name]}" for name, label in _LABELS.items() if name in subject]
    if isinstance(issuer, dict):
        rows.append(f"Кем выдан: {issuer.get('common_name') or issuer.get('rfc4514', '')}")
    begins, ends = (
        str(facts[name]).replace("T", " ").replace("+00:00", " UTC") for name in ("not_before", "not_after")
    )
    rows.append(f"Действителен: с {begins} по {ends}")
    if facts.get("is_ca"):
        rows.append("Удостоверяющий центр: да")
    qualified = facts.get("qualified")
    if isinstance(qualified, dict):
        if qualified["owner"] in _OWNERS:
            rows.append(f"Владелец: {_OWNERS[qualified['owner']]}")
        rows.append(f"Признаки квалифицированного: {'есть' if qualified['marks'] else 'нет'}")
        rows += _rows(qualified, _QUALIFIED)
    return rows + _rows(facts, _ROWS)


def _rows(facts: dict[str, object], labels: tuple[tuple[str, str], ...]) -> list[str]:
    found = ((label, facts[name]) for name, label in labels if facts.get(name))
    return [f"{label}: {', '.join(map(str, one)) if isinstance(one, list) else one}" for label, one in found]

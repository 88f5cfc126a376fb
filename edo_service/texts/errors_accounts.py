"""Phrases of accounts, counterparties and keys: code → (Russian, English)."""

PHRASES: dict[str, tuple[str, str]] = {
    "account.code_taken": (
        "Не удалось подобрать адрес организации. Повторите.",
        "No address could be found for the organisation. Try again.",
    ),
    "account.entity_absent": ("Организация не найдена.", "The organisation was not found."),
    "account.entity_exists": (
        "Организация с ИНН {inn} и КПП {kpp} уже заведена.",
        "An organisation with INN {inn} and KPP {kpp} exists already.",
    ),
    "account.inn_invalid": ("ИНН {inn}: неверное контрольное число.", "INN {inn}: wrong check digits."),
    "account.kpp_invalid": ("КПП {kpp}: нужно девять знаков.", "KPP {kpp}: nine characters are needed."),
    "account.log_in_failed": ("Неверный логин или пароль.", "Wrong log-in or password."),
    "account.log_in_taken": ("Логин {login} уже занят.", "The log-in {login} is taken."),
    "account.membership_absent": (
        "У сотрудника нет доступа к этой организации.",
        "The person has no access to this organisation.",
    ),
    "account.no_entity": ("Выберите организацию.", "Choose an organisation."),
    "account.not_logged_in": ("Войдите, чтобы продолжить.", "Log in to continue."),
    "account.ogrn_invalid": ("ОГРН {ogrn}: неверное контрольное число.", "OGRN {ogrn}: wrong check digit."),
    "account.password_common": (
        "Этот пароль слишком известен. Придумайте другой.",
        "This password is too well known. Choose another.",
    ),
    "account.password_length": (
        "Пароль: от {shortest} до {longest} знаков.",
        "A password has {shortest} to {longest} characters.",
    ),
    "account.password_personal": (
        "В пароле не должно быть логина, имени или названия компании.",
        "A password must not contain the log-in, a name or the company's name.",
    ),
    "account.password_wrong": ("Текущий пароль введён неверно.", "The current password is wrong."),
    "account.person_absent": ("Сотрудник не найден.", "The person was not found."),
    "account.right_missing": (
        "У вас нет права на это действие. Обратитесь к администратору организации.",
        "You are not allowed to do this. Ask your organisation's administrator.",
    ),
    "account.session_absent": ("Сеанс не найден.", "The session was not found."),
    "account.snils_invalid": ("СНИЛС {snils}: неверное контрольное число.", "SNILS {snils}: wrong check digits."),
    "account.too_many_tries": (
        "Слишком много попыток входа. Повторите через {retry_after} с.",
        "Too many log-in attempts. Try again in {retry_after} s.",
    ),
    "key.absent": ("Ключ не найден.", "The key was not found."),
    "key.certificate_invalid": (
        "Сертификат не подходит: {reason}.",
        "The certificate does not fit: {reason}.",
    ),
    "key.certificate_of_other_key": (
        "Сертификат выпущен на другой ключ.",
        "The certificate belongs to another key.",
    ),
    "key.certificate_of_other_organization": (
        "В сертификате указан ИНН {found}, а у организации {expected}.",
        "The certificate names INN {found}, the organisation has {expected}.",
    ),
    "key.damaged": (
        "Ключ не открывается: хранилище ключей повреждено или секрет сервиса заменён.",
        "The key does not open: it is damaged or the service's secret was replaced.",
    ),
    "key.expired": ("Срок действия сертификата закончился {until}.", "The certificate expired on {until}."),
    "key.invalid": ("Ключ не удалось прочитать.", "The key could not be read."),
    "key.locked": (
        "Ключ заблокирован: PIN введён неверно {limit} раз. Обратитесь к администратору организации.",
        "The key is locked: a wrong PIN was entered {limit} times. Ask your administrator.",
    ),
    "key.none_usable": (
        "У организации нет действующего ключа подписи.",
        "The organisation has no valid signing key.",
    ),
    "key.not_personal": ("Этот ключ не личный.", "This is not a personal key."),
    "key.pin_length": ("PIN: от {shortest} до {longest} знаков.", "A PIN has {shortest} to {longest} characters."),
    "key.pin_wrong": ("Неверный PIN. Осталось попыток: {left}.", "Wrong PIN. Tries left: {left}."),
    "party.box_absent": (
        "У организации нет ящика с идентификатором участника {participant_id}.",
        "The organisation has no box with the participant id {participant_id}.",
    ),
    "party.counterparty_absent": ("Контрагент не найден.", "The counterparty was not found."),
    "party.counterparty_exists": (
        "Контрагент с ИНН {inn} и КПП {kpp} уже есть в справочнике.",
        "A counterparty with INN {inn} and KPP {kpp} is in the list already.",
    ),
}

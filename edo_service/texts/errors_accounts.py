"""Phrases of accounts, counterparties and keys: code → (Russian, English)."""

PHRASES: dict[str, tuple[str, str]] = {
    "account.code_needed": (
        "Компания требует вход по коду из СМС: войдите через страницу входа.",
        "The company demands a code from an SMS: log in on the log-in page.",
    ),
    "account.code_over": (
        "Код больше не действует. Войдите снова, и мы отправим новый.",
        "The code is no longer valid. Log in again to get a new one.",
    ),
    "account.code_wrong": ("Код не подошёл. Осталось попыток: {left}.", "Wrong code. Tries left: {left}."),
    "account.entity_absent": ("Организация не найдена.", "The organisation was not found."),
    "account.entity_exists": (
        "Организация с ИНН {inn} и КПП {kpp} уже заведена.",
        "An organisation with INN {inn} and KPP {kpp} exists already.",
    ),
    "account.inn_invalid": (
        "ИНН {inn}: цифры не сходятся. Проверьте, нет ли опечатки.",
        "INN {inn}: wrong check digits.",
    ),
    "account.kpp_invalid": ("КПП {kpp}: нужно девять знаков.", "KPP {kpp}: nine characters are needed."),
    "account.visit_too_long": (
        "Проверяющему доступ даётся на срок: последний день не раньше сегодняшнего и не позже {latest}.",
        "A visitor's access has a last day: not before today and not after {latest}.",
    ),
    "account.access_over": (
        "Ваш доступ к {company} действовал до {until} включительно и закончился. Продлить его может {whom}.",
        "Your access to {company} lasted until {until} and is over. It can be extended by {whom}.",
    ),
    "account.log_in_failed": ("Логин или пароль не подошли.", "Wrong log-in or password."),
    "account.log_in_taken": ("Логин {login} уже занят.", "The log-in {login} is taken."),
    "account.membership_absent": (
        "У сотрудника нет доступа к этой организации.",
        "The person has no access to this organisation.",
    ),
    "account.no_entity": ("Выберите организацию.", "Choose an organisation."),
    "account.not_logged_in": ("Войдите, чтобы продолжить.", "Log in to continue."),
    "account.ogrn_invalid": (
        "ОГРН {ogrn}: цифры не сходятся. Проверьте, нет ли опечатки.",
        "OGRN {ogrn}: wrong check digit.",
    ),
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
    "account.password_wrong": ("Текущий пароль не подошёл.", "The current password is wrong."),
    "account.person_absent": ("Сотрудник не найден.", "The person was not found."),
    "account.right_missing": (
        "У вас нет права на это действие. Обратитесь к администратору организации.",
        "You are not allowed to do this. Ask your organisation's administrator.",
    ),
    "account.session_absent": ("Сеанс не найден.", "The session was not found."),
    "account.snils_invalid": (
        "СНИЛС {snils}: цифры не сходятся. Проверьте, нет ли опечатки.",
        "SNILS {snils}: wrong check digits.",
    ),
    "account.too_many_tries": (
        "Слишком много попыток входа. Повторите через {retry_after} с.",
        "Too many log-in attempts. Try again in {retry_after} s.",
    ),
    "account.head_absent": (
        "В организации некому подписывать: назначьте руководителя.",
        "Nobody may sign for the organisation: appoint a head.",
    ),
    "account.log_in_invalid": (
        "Логин: от 3 до 200 знаков без пробелов.",
        "A log-in has 3 to 200 characters without spaces.",
    ),
    "account.name_empty": ("Укажите название организации.", "Give the organisation's name."),
    "account.session_over": ("Сеанс закончился. Войдите снова.", "The session is over. Log in again."),
    "job.absent": ("Задание не найдено.", "The job was not found."),
    "job.not_dead": (
        "Задание уже выполняется или повторено.",
        "The job is under way or has been promised anew.",
    ),
    "key.absent": ("Ключ не найден.", "The key was not found."),
    "key.damaged": (
        "Ключ не открывается: он повреждён или секрет сервиса заменён. Обратитесь в поддержку.",
        "The key does not open: it is damaged or the service's secret was replaced. Contact support.",
    ),
    "key.expired": ("Срок действия сертификата: до {until}.", "The certificate is valid until {until} only."),
    "key.holder_may_not_sign": (
        "У этого сотрудника нет права подписи: ключ ему не нужен.",
        "This employee may not sign and needs no key.",
    ),
    "key.holder_needed": ("Укажите, чей это ключ.", "Tell whose key this is."),
    "key.locked": (
        "Ключ заблокирован: ПИН не подошёл слишком много раз подряд. Обратитесь к администратору портала.",
        "The key is locked: a wrong PIN was entered too many times. Ask your administrator.",
    ),
    "key.needs_its_holder": ("Этот ключ открывает только его владелец.", "Only its holder can open this key."),
    "key.none_usable": (
        "У организации нет действующего ключа подписи.",
        "The organisation has no valid signing key.",
    ),
    "key.not_of_certificate": (
        "Сертификат выпущен на другой ключ («{label}»).",
        "The certificate belongs to another key ({label}).",
    ),
    "key.of_other_organization": (
        "В сертификате указан ИНН {found}, а у организации {expected}.",
        "The certificate names INN {found}, the organisation has {expected}.",
    ),
    "key.of_another_person": (
        "Это ключ другого сотрудника: подписать им может только он сам.",
        "This key is another employee's: only its holder can sign with it.",
    ),
    "key.person_in_automatic": (
        "В сертификате назван человек ({name}): таким ключом нельзя подписывать автоматически.",
        "The certificate names a person ({name}): such a key does not sign automatically.",
    ),
    "key.pin_empty": ("Введите ПИН.", "Enter the PIN."),
    "key.pin_needed": (
        "Личному ключу нужен ПИН: от {least} до {most} знаков.",
        "A PIN has {least} to {most} characters.",
    ),
    "key.pin_not_wanted": ("Серверному ключу ПИН не нужен.", "A server-held key has no PIN."),
    "key.unreadable": (
        "Ключ или сертификат «{label}» не читается.",
        "The key or the certificate {label} is unreadable.",
    ),
    "key.wrong_pin": ("ПИН не подошёл. Осталось попыток: {left}.", "Wrong PIN. Tries left: {left}."),
    "sms.not_sent": (
        "СМС отправить не удалось. Попробуйте войти через минуту.",
        "The SMS could not be sent. Try to log in again in a minute.",
    ),
    "party.absent": ("Контрагент не найден.", "The counterparty was not found."),
    "party.bad_inn": ("ИНН {inn}: цифры не сходятся. Проверьте, нет ли опечатки.", "INN {inn}: wrong check digits."),
    "party.bad_kpp": ("КПП {kpp}: нужно девять знаков.", "KPP {kpp}: nine characters are needed."),
    "party.bad_participant_id": (
        "Идентификатор участника «{participant_id}» неверен: нужно от 4 до 46 латинских букв, цифр и дефисов, без пробелов.",
        "The participant id {participant_id} is wrong: 4 to 46 Latin letters, digits and hyphens are needed, no spaces.",
    ),
}

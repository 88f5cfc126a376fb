"""Phrases of exchange, archive, objects and outgoing calls: code → (Russian, English)."""

PHRASES: dict[str, tuple[str, str]] = {
    "archive.no_automatic_key": (
        "Для описи архива нужен автоматический ключ организации. Его добавляет администратор портала.",
        "The archive's manifest needs the organisation's automatic key. The portal's administrator adds it.",
    ),
    "archive.damaged": (
        "Комплект не передан в архив: хранилище ответило повреждением ({reason}). Нужен администратор портала.",
        "The set was not handed over to the archive: the store answered with damage ({reason}).",
    ),
    "archive.gave_up": (
        "Комплект не передан в архив: задание прервано ({reason}). Передайте ещё раз или сообщите в поддержку.",
        "The set was not handed over to the archive: the job gave up ({reason}). Try again or tell support.",
    ),
    "archive.not_failed": (
        "Комплект уже передаётся в архив или передан.",
        "The set is being handed over to the archive, or is there already.",
    ),
    "archive.not_assembled": (
        "Комплект не удалось передать в архив: {reason}. Повторяем раз в час.",
        "The set could not be handed over to the archive: {reason}. We try again every hour.",
    ),
    "archive.not_kept": ("Комплект ещё не в архиве.", "The set is not in the archive yet."),
    "archive.package_absent": ("Комплект в архиве не найден.", "The set was not found in the archive."),
    "archive.set_incomplete": (
        "Комплект ещё не полный, не хватает: {missing}.",
        "The set is not complete yet, missing: {missing}.",
    ),
    "archive.store_silent": (
        "Хранилище архива не отвечает. Повторим сами.",
        "The archive's store does not answer. We shall try again.",
    ),
    "exchange.account_absent": (
        "Подключение к оператору не найдено.",
        "The connection to the operator was not found.",
    ),
    "exchange.box_of_other_organization": (
        "Ящик принадлежит другой организации (ИНН {found}), а не вашей (ИНН {expected}).",
        "The box belongs to another organisation (INN {found}), not to yours (INN {expected}).",
    ),
    "exchange.box_not_found": (
        "У оператора нет доступного ящика участника {participant_id}.",
        "The operator offers no box of the participant {participant_id}.",
    ),
    "exchange.credentials_refused": (
        "Оператор не принял логин и пароль.",
        "The operator refused the log-in and password.",
    ),
    "exchange.code_refused": (
        "Код из СМС: не подошёл или устарел. Проверьте цифры или запросите новый код.",
        "The code from the SMS does not fit or is too old.",
    ),
    "exchange.consent_over": (
        "Время на подтверждение вышло, или в доступе отказали. Начните вход ещё раз.",
        "The time to confirm is over, or access was refused. Begin the log-in again.",
    ),
    "exchange.nobody_awaited": (
        "Этот вход уже закончен или начат заново.",
        "This log-in is over or was begun anew.",
    ),
    "exchange.not_consented": (
        "Вход ещё не подтверждён. Откройте страницу входа, подтвердите и вернитесь сюда.",
        "The log-in is not confirmed yet. Open the page, confirm and come back.",
    ),
    "exchange.credentials_damaged": (
        "Сохранённый пароль оператора не читается: подключите оператора заново.",
        "The stored password of the operator is unreadable: connect the operator again.",
    ),
    "exchange.kind_unknown": (
        "Оператор прислал документ неизвестного вида ({raw_type}).",
        "The operator sent a document of an unknown kind ({raw_type}).",
    ),
    "exchange.no_operator_address": (
        "Адрес этого оператора на портале не настроен. Нужен администратор портала.",
        "The operator's address is not configured.",
    ),
    "exchange.no_peer": (
        "Кабинет второй стороны не найден.",
        "The other party's account was not found.",
    ),
    "exchange.not_connected": (
        "Организация не подключена к оператору ЭДО.",
        "The organisation is not connected to an EDI operator.",
    ),
    "exchange.not_delivered": (
        "Оператор не смог доставить документ.",
        "The operator could not deliver the document.",
    ),
    "exchange.not_taken": (
        "Файл от оператора не удалось разобрать ({reason}). Он виден в кабинете оператора; сообщите в поддержку.",
        "A file from the operator could not be read ({reason}). It is visible at the operator's; tell support.",
    ),
    "exchange.nothing_to_carry": ("Отправлять нечего.", "There is nothing to send."),
    "exchange.outcome_unknown": (
        "Оператор не ответил, принят ли документ. Проверяем, прежде чем повторить.",
        "The operator did not say whether it took the document. We look before repeating.",
    ),
    "exchange.answers_other_file": (
        "Ответ не на этот документ: {reason}. Он не принят.",
        "The answer is not about this document: {reason}. It does not count.",
    ),
    "exchange.file_signature_failed": (
        "Подпись недействительна. Попросите контрагента подписать заново.",
        "The signature is invalid. Ask the counterparty to sign anew.",
    ),
    "exchange.file_signature_unreadable": (
        "Подпись не читается. Попросите контрагента подписать заново.",
        "The signature is unreadable. Ask the counterparty to sign anew.",
    ),
    "exchange.file_unreadable": (
        "Ответ контрагента не читается: {reason}. Он не принят.",
        "The counterparty's answer cannot be read: {reason}. It does not count.",
    ),
    "exchange.file_unsigned": (
        "Файл пришёл без подписи. Попросите контрагента подписать заново.",
        "The file came without a signature. Ask the counterparty to sign it.",
    ),
    "exchange.power_failed": (
        "Подписано по доверенности, которая этого не разрешает. {reason}.",
        "Signed by a power of attorney that does not allow it: {reason}.",
    ),
    "exchange.signature_unproved": (
        "Подпись не подтверждена: {reason}. Подписью контрагента она не считается.",
        "The signature is not proved: {reason}. It does not count as the counterparty's.",
    ),
    "exchange.signed_by_other": (
        "Подписано другой организацией: ожидался ИНН {expected}, в сертификате {found}.",
        "Signed by another organisation: INN {expected} expected, {found} in the certificate.",
    ),
    "exchange.signed_by_power": (
        "Подписано по доверенности (в сертификате ИНН {found}, не {expected}), проверить её не удалось: {reason}.",
        "Signed by a power of attorney (INN {found} in the certificate, not {expected}) that could not be checked: {reason}.",
    ),
    "exchange.title_for_other": (
        "Титул выписан другому покупателю: ИНН {found}, а ваш {expected}.",
        "The title names another buyer: INN {found}, yours is {expected}.",
    ),
    "exchange.title_of_other": (
        "Титул выписан другим продавцом: ИНН {found}, а прислал его ящик организации с ИНН {expected}.",
        "The title names another seller: INN {found}, but the box that sent it is of INN {expected}.",
    ),
    "exchange.annulment_absent": (
        "Предложение об аннулировании не найдено.",
        "The proposal to annul was not found.",
    ),
    "exchange.annulment_answered": (
        "На это предложение уже ответили.",
        "This proposal has been answered already.",
    ),
    "exchange.annulment_changed": (
        "Пока страница была открыта, по документу появилось другое предложение. Прочитайте его: показано ниже.",
        "Another proposal has come while the page was open. Read it below.",
    ),
    "exchange.annulment_invalid": (
        "Предложение об аннулировании составить нельзя: {reason}.",
        "The proposal to annul cannot be written: {reason}.",
    ),
    "exchange.annulment_not_possible": (
        "Аннулировать можно документ, который прошёл через оператора и подписан всеми, кто должен. Неподписанный — отклоните.",
        "Only a document that went through an operator and is signed by all can be annulled. Refuse an unsigned one.",
    ),
    "exchange.annulment_open": (
        "По этому документу аннулирование уже предложено или состоялось.",
        "The annulment of this document is proposed or done already.",
    ),
    "exchange.correction_refused": (
        "Оператор не принял запрос уточнения: {reason}. Запросите ещё раз.",
        "The operator refused the request for a correction: {reason}. Ask again.",
    ),
    "exchange.batch_absent": ("Список приглашений не найден.", "The list of invitations was not found."),
    "exchange.enclosure_unsigned": (
        "Документ: приложите и файл, и подпись к нему.",
        "The document: enclose both the file and its signature.",
    ),
    "exchange.foreign_prefix": (
        "Идентификатор участника: у оператора «{operator}» он начинается с {prefix}. Проверьте, тот ли оператор выбран.",
        "The participant id: at {operator} it begins with {prefix}. Check that this is the right operator.",
    ),
    "exchange.hit_needed": (
        "Компания: выберите одну из найденных у оператора.",
        "The company: choose one of those that the operator has found.",
    ),
    "exchange.invite_oneself": ("ИНН: это ваша компания. Укажите контрагента.", "This is your own company."),
    "exchange.odd_absent": ("Новость оператора не найдена.", "The operator's news was not found."),
    "exchange.operator_unknown": (
        "Оператор: такого портал пока не поддерживает.",
        "The operator is not supported.",
    ),
    "exchange.participant_first": (
        "Сначала назовите идентификатор участника.",
        "Name the participant id first.",
    ),
    "exchange.relation_absent": ("Контрагент не найден.", "The counterparty was not found."),
    "exchange.relation_busy": (
        "{name}: предыдущее действие ещё передаётся оператору. Дождитесь ответа.",
        "{name}: the last act is still on its way to the operator. Wait for its answer.",
    ),
    "exchange.relation_not_allowed": (
        "{name}: сейчас этого сделать нельзя, связь уже изменилась. Обновите страницу.",
        "{name}: not possible now, the relation has changed. Reload the page.",
    ),
    "exchange.set_up_already": (
        "Этот шаг уже пройден: подключение изменилось. Откройте настройки ЭДО.",
        "This step is over: the connection has changed.",
    ),
    "exchange.set_up_twice": (
        "Идентификатор участника: подключение к оператору «{operator}» уже начато отдельно. Закончите сначала его.",
        "Another connection to {operator} is being set up. Finish that one first.",
    ),
    "exchange.annulment_undecided": (
        "Подпись проверена не до конца: неизвестно, не отозван ли сертификат. Портал проверит её ещё раз сам.",
        "The signature is not fully verified: it is unknown whether the certificate was revoked. It will be verified again.",
    ),
    "exchange.annulment_in_doubt": (
        "Подпись под предложением не подтвердилась, согласиться нельзя. Можно отказать или дождаться нового предложения.",
        "The signature under the proposal did not prove good: it cannot be agreed to. Refuse it or wait for a new one.",
    ),
    "exchange.no_universal_messages": (
        "Этот оператор не передаёт универсальные сообщения через портал. Выберите извещение о получении.",
        "This operator carries no universal messages through the portal. Choose the receipt notice.",
    ),
    "exchange.text_too_long": (
        "Письмо: больше {limit} знаков. Сократите его.",
        "The letter is longer than {limit} characters.",
    ),
    "sheet.empty": ("Файл {file_name}: в таблице нет ни одной строки.", "{file_name}: the table has no rows."),
    "sheet.too_large": ("Файл: больше {limit} МБ. Разделите таблицу.", "The file is larger than {limit} MB."),
    "sheet.too_many_rows": (
        "Файл: больше {limit} строк. Разделите таблицу.",
        "The file has more than {limit} rows.",
    ),
    "sheet.unreadable": (
        "Файл {file_name} прочитать нельзя. Сохраните его как XLSX или CSV.",
        "{file_name} cannot be read. Save it as XLSX or CSV.",
    ),
    "exchange.answer_refused": (
        "Оператор не принял ваш ответ: {reason}. Устраните причину и ответьте ещё раз.",
        "The operator refused your answer: {reason}. Remove the cause and answer again.",
    ),
    "exchange.answer_held": (
        "Оператор не принял ваш ответ: {reason}. Подпись сохранена: устраните причину и отправьте ответ ещё раз.",
        "The operator refused your answer: {reason}. Your signature is kept: remove the cause and send the answer again.",
    ),
    "exchange.answer_not_held": (
        "Отправлять ещё раз нечего: ответ уже отправляется или отправлен.",
        "There is nothing to send again: the answer is on its way or has been sent.",
    ),
    "exchange.answer_of_another": (
        "Ответ подписали не вы. Отправить его ещё раз может тот, кто подписал ({signer}), или тот, кто настраивает обмен.",
        "The answer was signed by another person. It may be sent again by who signed it ({signer}) or who manages exchange.",
    ),
    "exchange.receipt_refused": (
        "Оператор не принял извещение о получении: {reason}. Составим и отправим новое сами, в течение суток.",
        "The operator refused the receipt notice: {reason}. We shall send another by ourselves within a day.",
    ),
    "exchange.refused": (
        "Оператор отказался принять: {reason}. Сами повторять не будем.",
        "The operator refused: {reason}. We shall not repeat it by ourselves.",
    ),
    "exchange.no_answer": (
        "Оператор не отвечает. Ничего не изменилось, попробуйте через несколько минут.",
        "The operator does not answer. Nothing has changed, try again in a few minutes.",
    ),
    "exchange.silent": ("Оператор не отвечает. Повторим сами.", "The operator does not answer. We shall try again."),
    "mail.not_sent": ("Письмо не отправлено. Повторим сами.", "The mail was not sent. We shall try again."),
    "objects.absent": ("Файл не найден.", "The file was not found."),
    "objects.damaged": (
        "Файл в хранилище повреждён. Обратитесь в поддержку.",
        "The stored file is damaged. Contact support.",
    ),
    "objects.not_kept": (
        "Файл не удалось сохранить. Повторите через минуту.",
        "The file could not be kept. Try again in a minute.",
    ),
    "objects.unreadable": (
        "Хранилище файлов не отвечает. Повторите через минуту.",
        "The file store does not answer. Try again in a minute.",
    ),
    "outbound.bad_url": ("Неверный адрес внешнего сервиса.", "The outside service's address is wrong."),
    "outbound.inner_address": (
        "Адрес внешнего сервиса ведёт во внутреннюю сеть: обращение запрещено.",
        "The outside service's address leads into the inner network: refused.",
    ),
    "outbound.refused": ("Внешний сервис ответил отказом ({status}).", "The outside service refused ({status})."),
    "outbound.silent": (
        "Внешний сервис не отвечает. Повторите через минуту.",
        "The outside service does not answer. Try again in a minute.",
    ),
    "outbound.too_large": ("Ответ внешнего сервиса слишком велик.", "The outside service's answer is too large."),
    "outbound.unknown_host": ("Внешний сервис не найден.", "The outside service was not found."),
    "trust.older_list": (
        "Список УЦ от {given} старше сохранённого (от {stored}): он не заменяет его.",
        "The list of authorities of {given} is older than the stored one ({stored}): it does not replace it.",
    ),
    "print.not_drawn": (
        "Печатную форму не удалось построить. Исходный файл можно скачать.",
        "The printed form could not be made. The original can be downloaded.",
    ),
    "request.absent": ("Страница не найдена.", "The page was not found."),
    "request.characters": (
        "В тексте есть символ, который нельзя сохранить: нулевой или половина составного. Наберите текст заново.",
        "The text holds a character that cannot be kept: a NUL or half of a surrogate pair.",
    ),
    "request.file_empty": ("Файл пуст.", "The file is empty."),
    "request.file_too_large": (
        "Файл больше допустимых {limit} байт.",
        "The file is larger than the {limit} bytes allowed.",
    ),
    "settings.broker_missing": ("Не задан EDO_BROKER_URL.", "EDO_BROKER_URL is not set."),
    "settings.s3_missing": ("Не заданы EDO_S3_….", "EDO_S3_… are not set."),
}

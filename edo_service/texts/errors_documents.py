"""Phrases of documents: code → (Russian, English)."""

PHRASES: dict[str, tuple[str, str]] = {
    "document.already_signed": ("Документ уже подписан.", "The document is signed already."),
    "document.answer_when_corrected": (
        "Документ исправлен: отвечайте на исправление.",
        "The document was corrected: answer the correction.",
    ),
    "document.answer_when_prepared": (
        "Сначала подпишите или отмените запрос уточнения.",
        "Sign or discard the request for a correction first.",
    ),
    "document.clarification_empty": (
        "Что исправить: напишите, продавец это увидит.",
        "Write what has to be corrected; the seller will read it.",
    ),
    "document.clarification_invalid": (
        "Запрос уточнения не прошёл проверку: {reason}.",
        "The request for a correction is not valid: {reason}.",
    ),
    "document.clarification_not_carried": (
        "Оператор не передаёт запросов уточнения или отключён. Если есть ошибка, откажите в подписи и опишите её.",
        "The operator carries no requests for a correction, or is switched off. Refuse the signature and say what is wrong.",
    ),
    "document.clarification_not_possible": (
        "Уточнение запрашивают один раз, по входящему УПД или УКД от оператора, на который не отказали.",
        "A correction is asked for once, of an incoming document of an operator that was not refused.",
    ),
    "document.changed_meanwhile": (
        "Пока вы подписывали, документ изменили. Откройте его заново.",
        "The document was changed while you were signing. Open it again.",
    ),
    "document.discard_corrected": (
        "На этот документ ссылается «{title}». Сначала решите, что делать с ним.",
        "{title} refers to this document. Decide about that one first.",
    ),
    "document.discard_failed": (
        "Документ не доставлен, но подписан. Подписанные документы не удаляют.",
        "The document was not delivered, yet it is signed. Signed documents are not deleted.",
    ),
    "document.discard_incoming": (
        "Удалить можно только свой черновик, а этот документ прислал контрагент.",
        "Only a draft of one's own may be deleted; this document came from a counterparty.",
    ),
    "document.discard_queued": (
        "Документ уже в очереди на отправку. Верните его в черновики, потом удаляйте.",
        "The document is in the queue already. Take it back to the drafts first.",
    ),
    "document.discard_sent": (
        "Документ уже отправлен, удалить его нельзя. Отменить его можно аннулированием по согласию сторон.",
        "The document is sent already and cannot be deleted. It may be annulled when both parties agree.",
    ),
    "document.discard_signed": (
        "Документ уже подписан. Подписанные документы не удаляют.",
        "The document is signed already. Signed documents are not deleted.",
    ),
    "document.document_absent": ("Документ не найден.", "The document was not found."),
    "document.not_in_doubt": (
        "К документу нет замечания, которое ждёт вашего решения.",
        "There is no objection to the document that waits for your decision.",
    ),
    "document.in_doubt": (
        "К титулу продавца есть замечание: документ можно отклонить, но не подписать.",
        "There is an objection to the seller's title: the document may be refused, not signed.",
    ),
    "document.key_absent": ("Ключ для этой подписи не найден.", "The key for this signature was not found."),
    "document.not_here": (
        "У контрагента «{name}» нет кабинета в этом сервисе: напрямую отправить нельзя.",
        "{name} has no account here: the direct route is not possible.",
    ),
    "document.no_way": (
        "До контрагента «{name}» нет пути: ни кабинета здесь, ни общего оператора. Пригласите его в «Контрагентах».",
        "{name} can be reached neither here nor through an operator. Send an invitation first.",
    ),
    "document.sender_unknown": (
        "Неизвестно, кто отправил файл: контрагента нет в «Контрагентах». Добавьте его и повторите.",
        "Nobody knows who sent the file: its sender is none of the counterparties. Add them and try again.",
    ),
    "document.file_refused": ("Файл не приняли. {reason}.", "The file was not taken. {reason}."),
    "document.not_yours_to_answer": (
        "На этот документ отвечает другая сторона.",
        "The other party answers this document.",
    ),
    "document.nothing_to_sign": ("Подписывать пока нечего.", "There is nothing to sign yet."),
    "document.part_absent": ("Файл документа не найден.", "The document's file was not found."),
    "document.person_needed": (
        "Это действие выполняет сотрудник, а не система.",
        "A person has to do this, not the system.",
    ),
    "document.reason_empty": ("Укажите причину.", "Give a reason."),
    "document.reason_too_long": ("Причина длиннее {limit} знаков.", "The reason is longer than {limit} characters."),
    "document.no_automatic_key": (
        "Извещение о получении не составлено: у организации нет автоматического ключа.",
        "No receipt notice was made: the organisation has no automatic key.",
    ),
    "document.receipt_invalid": (
        "Извещение о получении не составлено: {reason}.",
        "No receipt notice could be made: {reason}.",
    ),
    "document.refusal_invalid": ("Отказ не прошёл проверку: {reason}.", "The refusal is not valid: {reason}."),
    "document.signature_absent": ("Подпись не найдена.", "The signature was not found."),
    "document.signature_unreadable": ("Файл подписи не читается.", "The signature file is unreadable."),
    "document.signature_empty": ("Файл подписи пуст.", "The signature file is empty."),
    "document.signature_not_detached": (
        "Нужна одна отсоединённая подпись, в файле их {signers} или документ внутри.",
        "One detached signature is needed; the file holds {signers}, or the document itself.",
    ),
    "document.signature_not_made": (
        "Подпись не удалось поставить. Верните документ в черновики и попробуйте ещё раз.",
        "The signature could not be made. Take the document back and try again.",
    ),
    "document.signature_not_passed": (
        "Подпись не прошла проверку: {reason}.",
        "The signature did not pass: {reason}.",
    ),
    "document.signature_of_other_file": (
        "Подпись сделана под другим файлом.",
        "The signature was made over another file.",
    ),
    "document.signature_too_large": ("Файл подписи слишком велик.", "The signature file is too large."),
    "document.signature_undecided": (
        "Не удалось узнать, не отозван ли сертификат подписи: удостоверяющий центр не отвечает. Повторите через минуту.",
        "Whether the signer's certificate is revoked is not known: the authority does not answer. Try again in a minute.",
    ),
    "document.title_invalid": ("Титул не прошёл проверку: {reason}.", "The title is not valid: {reason}."),
    "document.to_ourselves": (
        "Контрагент — ваша же организация: отправить самим себе нельзя.",
        "The counterparty is your own organisation.",
    ),
    "document.too_large": (
        "Файл «{file_name}» больше допустимых {limit} байт.",
        "{file_name} is larger than the {limit} bytes allowed.",
    ),
    "document.tsa_silent": (
        "Служба штампов времени не отвечает. Повторите через минуту.",
        "The timestamping service does not answer. Try again in a minute.",
    ),
    "document.upd_invalid": (
        "Файл «{file_name}» не прошёл проверку: {reason}",
        "The UPD {file_name} is not valid: {reason}",
    ),
    "document.upd_not_ours": (
        "Файл «{file_name}» нельзя отправить: {obstacles}.",
        "The UPD {file_name} cannot be sent: {obstacles}.",
    ),
    "document.ukd_answer_unknown": (
        "{format}: титул покупателя в этом формате портал не пишет. Ответьте в кабинете оператора или откажите в подписи.",
        "{format}: the buyer's title of this format cannot be written here. Answer at the operator's site.",
    ),
    "document.ukd_not_written": (
        "Оператор не составил титул покупателя УКД: {reason}. Повторите через минуту.",
        "The operator did not write the buyer's title: {reason}. Try again in a minute.",
    ),
    "document.ukd_refused": (
        "Оператор отказался составить титул покупателя УКД: {reason}.",
        "The operator refused to write the buyer's title: {reason}.",
    ),
    "document.ukd_without_remarks": (
        "С УКД соглашаются или отказывают в подписи: согласия с замечаниями формат не знает.",
        "A correction is agreed to or refused: its format knows no agreement with remarks.",
    ),
    "document.uploaded_already": (
        "Этот файл уже загружен: «{title}». Второй раз он не отправится.",
        "This file is here already: {title}. It will not be sent twice.",
    ),
    "document.way_unknown": ("Неизвестный способ отправки.", "Unknown way of sending."),
    "document.wrong_organization": (
        "Подпись другой организации: ожидался ИНН {expected}, в сертификате {found}.",
        "A signature of another organisation: INN {expected} expected, {found} found.",
    ),
}

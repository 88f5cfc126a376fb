"""Phrases of the compliance desk: code → (Russian, English)."""

PHRASES: dict[str, tuple[str, str]] = {
    "archive.act_absent": ("Акт не найден.", "The act was not found."),
    "archive.act_empty": (
        "Предлагать к уничтожению нечего: срок ни одного комплекта не вышел.",
        "There is nothing to propose: no set's term is over.",
    ),
    "archive.approve_twice": (
        "Вы уже согласовали этот акт. Нужен второй человек.",
        "You have approved this act already. A second person is needed.",
    ),
    "archive.being_disposed": (
        "Комплект уничтожен по акту или уничтожается сейчас: запретить это уже нельзя.",
        "The set has been disposed of by an act, or is being disposed of now: it is too late for a hold.",
    ),
    "archive.export_absent": ("Выгрузка не найдена.", "The export was not found."),
    "archive.export_damaged": (
        "Выгрузка не собрана: {reason}. Проверьте комплекты и закажите её ещё раз.",
        "The export could not be built: {reason}. Check the sets and order it again.",
    ),
    "archive.export_destroyed": (
        "Выгрузка не собрана: комплект из неё уничтожен по акту. Закажите её без этого комплекта.",
        "The export was not built: a set of it was destroyed by an act. Order it again without that set.",
    ),
    "archive.export_empty": ("По этим условиям выгружать нечего.", "There is nothing to export."),
    "archive.export_not_ready": (
        "Выгрузка ещё собирается или уже удалена по сроку.",
        "The export is being built, or has expired.",
    ),
    "archive.export_too_many": (
        "За один раз выгружаем до {most} комплектов. Сузьте отбор.",
        "At most {most} sets are exported at a time. Narrow the search.",
    ),
    "archive.hold_absent": ("Запрет не найден.", "The hold was not found."),
    "archive.hold_empty": ("Отметьте хотя бы один комплект.", "Choose at least one set."),
    "archive.hold_own": (
        "Снимает запрет другой человек, не тот, кто его поставил.",
        "A hold is lifted by another person than the one who set it.",
    ),
    "archive.hold_too_many": (
        "Один запрет ставится не больше чем на {most} комплектов. Сузьте отбор.",
        "One hold covers {most} sets at most. Narrow the search.",
    ),
    "archive.destroyed": (
        "Уничтожено по акту: срок хранения вышел, и двое это согласовали. На карточке документа сказано, каким актом и когда.",
        "Destroyed by an act: its term was over and two persons approved it. The document's card names the act and the day.",
    ),
    "archive.printed_form_absent": (
        "У этого комплекта нет печатной формы, которую можно показать.",
        "This set has no printed form that could be shown.",
    ),
    "archive.purpose_needed": (
        "Зачем смотрите: назовите цель, её увидит проверяющий. Программа передаёт её в запросе: purpose.",
        "Say what the archive is looked at for; a program says it in the query: purpose.",
    ),
    "archive.search_absent": ("Сохранённый поиск не найден.", "The saved search was not found."),
    "archive.search_name_taken": (
        "Поиск с таким названием уже сохранён.",
        "A search of this name is saved already.",
    ),
    "archive.term_day_wrong": (
        "День, от которого считать срок, должен лежать не дальше {latest}.",
        "The day the term counts from must not lie after {latest}.",
    ),
    "archive.term_kind_unknown": ("Такого вида хранения нет.", "There is no such kind of retention."),
    "archive.term_not_longer": (
        "Срок так не станет длиннее. Сократить срок хранения нельзя.",
        "The term would not get longer. A term cannot be shortened.",
    ),
    "objects.not_deleted": (
        "Хранилище рабочих файлов сейчас не удаляет: {reason}. Повторим сами.",
        "The working store does not delete at the moment: {reason}. It will be tried again.",
    ),
}

"""Phrases of what any area may meet: code → (Russian, English)."""

PHRASES: dict[str, tuple[str, str]] = {
    "database.changed_meanwhile": (
        "Данные уже изменил кто-то другой. Обновите страницу и повторите.",
        "Somebody else has changed the data. Reload the page and try again.",
    ),
    "database.duplicate": ("Такая запись уже есть.", "Such a record exists already."),
    "database.unavailable": (
        "База данных не отвечает. Повторите через минуту.",
        "The database does not answer. Try again in a minute.",
    ),
    "idempotency.in_progress": (
        "Этот запрос уже выполняется. Дождитесь ответа.",
        "This request is being carried out already. Wait for its answer.",
    ),
    "idempotency.key_invalid": (
        "Ключ идемпотентности: от 1 до {limit} печатных знаков.",
        "An idempotency key has 1 to {limit} printable characters.",
    ),
    "idempotency.other_body": (
        "С этим ключом идемпотентности уже был отправлен другой запрос.",
        "Another request was sent with this idempotency key before.",
    ),
    "mail.not_sent": (
        "Письмо не отправлено, попробуем ещё раз.",
        "The letter was not sent; we shall try again.",
    ),
    "status.changed_meanwhile": (
        "Статус уже изменился. Обновите страницу.",
        "The status has changed meanwhile. Reload the page.",
    ),
    "status.not_allowed": (
        "Сейчас это действие недоступно: статус не позволяет.",
        "The present status does not allow this action.",
    ),
}

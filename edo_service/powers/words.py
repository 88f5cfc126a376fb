"""A power (МЧД) behind a signature in a sentence for people. Pure."""

from edo_service.powers.queries import UseCard


def by_power(use: UseCard | None) -> str:
    """«По доверенности …»: how the ten checks of the МЧД ended; empty for a signature that rests on none."""
    if use is None:
        return ""
    said = {
        "passed": "все десять проверок сошлись",
        "warning": f"обратите внимание: {use.reason}",
        "failed": f"права подписать не даёт: {use.reason}",
    }.get(use.outcome, f"проверить до конца не удалось: {use.reason}")
    return f"По доверенности {use.number}, {said}."

"""Why the machine does not get on, as kept beside a row: an error's code, with its parameters when there are any."""

import json
from collections.abc import Mapping

from edo_service.texts.errors import phrase, places


def write_trouble(code: str, params: Mapping[str, object] | None = None) -> str:
    """The code, and the parameters that its phrase has places for, as JSON after a space."""
    wanted = places(code)
    shown = {name: str(value) for name, value in (params or {}).items() if name in wanted}
    return f"{code} {json.dumps(shown, ensure_ascii=False, sort_keys=True)}" if shown else code


def trouble_words(trouble: str, language: str = "ru") -> str:
    """The phrase of a kept trouble; a text that is none of ours gives the general phrase."""
    code, _, rest = trouble.partition(" ")
    try:
        params = json.loads(rest) if rest else {}
    except ValueError:
        params = {}
    return phrase(code, language, **(params if isinstance(params, dict) else {}))

"""The Jinja environment: autoescape, undefined names are errors, our filters, icons and addresses of static files.

Templates of the web lie in `web/templates` and are named as they are (`base.html`, `macros/chip.html`); each area's are
named after its folder (`documents/card.html` is `edo_service/documents/templates/card.html`).
"""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from edo_service.web.filters import FILTERS
from edo_service.web.icons import icon
from edo_service.web.static_files import StaticFiles
from edo_service.web.statuses import VOCABULARY, status

HERE = Path(__file__).parent


def area_folders(root: Path = HERE.parent) -> Mapping[str, Path]:
    """Every area that has a `templates` folder, by its name."""
    return {path.parent.name: path for path in sorted(root.glob("*/templates")) if path.parent != HERE}


def make_environment(static: StaticFiles, areas: Mapping[str, Path] | None = None) -> Environment:
    """Make the environment over the web's own templates and those of the areas (by default all of them)."""
    folders = area_folders() if areas is None else areas
    environment = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(HERE / "templates"),
                PrefixLoader({name: FileSystemLoader(folder) for name, folder in folders.items()}),
            ]
        ),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    environment.globals.update(
        icon=icon, static=static.url, has_static=static.has, status=status, vocabulary=VOCABULARY
    )
    return environment

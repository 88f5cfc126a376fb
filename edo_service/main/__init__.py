"""The web's way in: `create_app` puts the pages over the services, `run` is `edo serve`."""

from edo_service.main.app import create_app
from edo_service.main.serve import run

__all__ = ["create_app", "run"]

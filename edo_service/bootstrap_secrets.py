"""Part of the composition root: everything that is kept sealed, area by area, is sealed under the newest secret."""

from collections.abc import Callable, Mapping

from edo_service.exchange.accounts import reseal_passwords
from edo_service.exchange.tokens import reseal_tokens
from edo_service.exchange.use_cases.connect import seal_context
from edo_service.kernel.actor import Actor
from edo_service.kernel.journal import PLATFORM
from edo_service.kernel.rotation import Resealed
from edo_service.kernel.secrets import SecretBox
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys.use_cases import KeyRoom


def rotate_secrets(
    *, keys: KeyRoom, secrets: SecretBox, uow: Callable[[], UnitOfWork], dry: bool
) -> Mapping[str, Resealed]:
    """Reseal every area's secrets and journal it; `dry` only counts. `uow` opens one under `keys.rotate`."""
    done = {
        "signing keys": keys.reseal_all(uow=uow(), dry=dry),
        "operator passwords": reseal_passwords(context=seal_context, secrets=secrets, uow=uow(), dry=dry),
        "operator tokens": reseal_tokens(secrets=secrets, uow=uow(), dry=dry),
    }
    if not dry:
        with uow() as opened:
            opened.journal.write(
                "secrets.rotated",
                owner_id=PLATFORM,
                subject="secrets:all",
                actor=Actor.system("keys.rotate"),
                **{name.replace(" ", "_"): one.resealed for name, one in done.items()},
            )
            opened.commit()
    return done

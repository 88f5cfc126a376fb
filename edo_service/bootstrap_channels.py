"""Part of the composition root: how words leave the house, letters and codes by SMS, by the settings."""

from edo_service.accounts.use_cases.second_step import SecondStep
from edo_service.adapters.mail_folder import FolderMailer
from edo_service.adapters.mail_smtp import SmtpMailer
from edo_service.adapters.sms_folder import FolderTexter
from edo_service.adapters.sms_http import HttpTexter
from edo_service.kernel.letters import Mailer
from edo_service.kernel.messages import Texter
from edo_service.kernel.secrets import SecretBox
from edo_service.settings import Settings


def mailer(settings: Settings) -> Mailer:
    """Letters: over SMTP when a server is configured, else into the folder."""
    if settings.smtp_host is None:
        return FolderMailer(folder=settings.mail_dir, sender=settings.mail_from)
    return SmtpMailer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_from,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        starttls=settings.smtp_starttls,
    )


def second_step(settings: Settings, secrets: SecretBox) -> SecondStep:
    """Codes by SMS: through the gateway when one is configured, else into the folder."""
    texter: Texter = FolderTexter(folder=settings.sms_dir)
    if settings.sms_gateway_url is not None:
        token = settings.sms_gateway_token
        texter = HttpTexter(
            url=settings.sms_gateway_url,
            sender=settings.sms_from,
            token=token.get_secret_value() if token else None,
        )
    return SecondStep(demanded=frozenset(settings.sms_companies), secrets=secrets, texter=texter)

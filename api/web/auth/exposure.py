"""Whether others than this machine's users reach the HTTP API, which then asks for keys."""

from __future__ import annotations

from worker.config.settings import LOOPBACK, Settings
from worker.errors import BadInput
from worker.services.context import AppContext


def is_public(settings: Settings) -> bool:
    """Whether others than this machine's users reach the API."""
    return settings.api_host not in LOOPBACK or bool(settings.api_public_url) or settings.api_https


def has_keys(context: AppContext) -> bool:
    """Whether there is any key, in the settings or in the catalog."""
    return bool(context.settings.api_key_list) or next(context.catalog.api_keys.all(), None) is not None


def check(context: AppContext) -> None:
    """`BadInput` where others could reach an API that asks for no key."""
    settings = context.settings
    if has_keys(context):
        return
    if "*" in settings.api_cors_origins:
        raise BadInput(
            "COPYDESK_API_CORS_ORIGINS: '*' lets every site that is open in a browser here read an API without keys: "
            "name the sites, set COPYDESK_API_KEYS, or run `copydesk keys create`"
        )
    if not is_public(settings):
        return
    if settings.api_host not in LOOPBACK:
        what, instead = f"HOST: {settings.api_host!r}", f"listen on one of {', '.join(LOOPBACK)}"
    elif settings.api_public_url:
        what, instead = f"PUBLIC_URL: {settings.api_public_url!r}", "leave it empty"
    else:
        what, instead = "HTTPS: what a proxy serves", "leave it false"
    raise BadInput(
        f"COPYDESK_API_{what} is reachable by others and there is no key: "
        f"set COPYDESK_API_KEYS, run `copydesk keys create`, or {instead}"
    )

"""Exposure of the HTTP API beyond this machine. An exposed API needs keys."""

from __future__ import annotations

from worker.config.settings import LOOPBACK, Settings
from worker.errors import BadInput
from worker.services.context import AppContext


def is_public(settings: Settings) -> bool:
    """Return True if clients on other machines can reach the API."""
    return settings.api_host not in LOOPBACK or bool(settings.api_public_url) or settings.api_https


def has_keys(context: AppContext) -> bool:
    """Return True if there is an API key, in the settings or in the catalog."""
    return bool(context.settings.api_key_list) or next(context.catalog.api_keys.all(), None) is not None


def check(context: AppContext) -> None:
    """Raise `BadInput` if clients on other machines can reach an API that has no key."""
    settings = context.settings
    if has_keys(context):
        return
    if "*" in settings.api_cors_origins:
        raise BadInput(
            "COPYDESK_API_CORS_ORIGINS: '*' lets every site that is open in a browser on this machine read an API "
            "without keys. Name the sites, set COPYDESK_API_KEYS, or run `copydesk keys create`."
        )
    if not is_public(settings):
        return
    if settings.api_host not in LOOPBACK:
        cause, remedy = f"HOST: {settings.api_host!r}", f"listen on one of {', '.join(LOOPBACK)}"
    elif settings.api_public_url:
        cause, remedy = f"PUBLIC_URL: {settings.api_public_url!r}", "leave it empty"
    else:
        cause, remedy = "HTTPS: an API behind a proxy", "leave it false"
    raise BadInput(
        f"COPYDESK_API_{cause} is reachable from other machines, but no key exists. "
        f"Set COPYDESK_API_KEYS, run `copydesk keys create`, or {remedy}."
    )

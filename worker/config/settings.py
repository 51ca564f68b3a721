"""All settings with their defaults and their validation.

`config/copydesk.toml` documents each of them; a test compares the two. `worker/config/loading.py` reads the user's
values. Names end in their unit: `_s` (seconds), `_bytes`, `_days`.
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from redis import Redis, RedisError

MIN_KEY_CHARS = 16  #: minimum length of an API key
LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: An origin as browsers send it: lower case, without the default port (RFC 6454, section 6.1).
ORIGIN = re.compile(
    r"(?!http://.*:80$|https://.*:443$)[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[1-9]\d{0,4})?"
)
DEFAULT_USER_AGENT = "Copydesk/0.2 (+https://copydesk.example/about-this-bot)"

Port = Annotated[int, Field(ge=1, le=65535)]
Age = Annotated[float, Field(gt=0, le=10 * 366 * 86400)]  # seconds


class Settings(BaseSettings):
    """All settings of an installation. `Settings(…)` reads neither the environment nor files; `load` does."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the arguments as the only source."""
        return (init_settings,)

    # -- fixed values, read like settings: no installation needs other ones
    fetch_connect_timeout_s: ClassVar[float] = 10.0  #: seconds to connect to a host
    fetch_max_redirects: ClassVar[int] = 8  #: redirects on the way to a page
    fetch_robots_ttl_s: ClassVar[float] = 14_400.0  #: seconds until a robots.txt is fetched again
    digest_batch: ClassVar[int] = 50  #: pages that are read and written at once
    digest_attempts: ClassVar[int] = 3  #: times that a page may end its reader process
    sweep_attempts: ClassVar[int] = 10  #: times that the sweeper queues a URL again

    # -- data folder, broker and index
    data_dir: Path = Path("data")
    redis_url: SecretStr | None = None
    redis_prefix: str = Field("copydesk", pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,40}$")
    index_url: SecretStr | None = None
    index_prefix: str = Field("copydesk", pattern=r"^[a-z][a-z0-9_-]{0,40}$")
    index_username: str | None = None
    index_password: SecretStr | None = None
    index_api_key: SecretStr | None = None
    index_ca_file: Path | None = None
    index_timeout_s: float = Field(30, gt=0, le=600)
    index_shards: int = Field(1, ge=1, le=100)
    index_replicas: int | str = 0
    index_allocation: dict[str, str] = Field(default_factory=dict)
    index_refresh_s: float = Field(1, gt=0, le=600)

    # -- the HTTP API
    api_host: str = "127.0.0.1"
    api_port: int = Field(8484, ge=0, le=65535)
    api_keys: SecretStr | None = None
    api_rate_per_minute: int = Field(600, ge=0, le=1_000_000)
    api_max_body_bytes: int = Field(8_000_000, ge=1000, le=1_000_000_000)
    api_cors_origins: tuple[str, ...] = ()
    api_https: bool = False
    api_public_url: str = ""

    # -- Kibana
    kibana_url: str = "http://localhost:5601"
    kibana_username: str | None = None
    kibana_password: SecretStr | None = None
    kibana_api_key: SecretStr | None = None
    kibana_ca_file: Path | None = None

    # -- fetching
    fetch_user_agent: str = Field(DEFAULT_USER_AGENT, min_length=3)
    fetch_allow_private: tuple[str, ...] = ()
    fetch_allow_ports: tuple[Port, ...] = (80, 443)
    fetch_proxy_url: SecretStr | None = None
    fetch_delay_s: float = Field(1.0, ge=0, le=3600)
    fetch_max_delay_s: float = Field(60, ge=0, le=86400)
    fetch_delay_factor: float = Field(2.0, ge=0, le=100)
    fetch_host_delays: dict[str, float] = Field(default_factory=dict)
    fetch_read_timeout_s: float = Field(20, gt=0, le=300)
    fetch_total_timeout_s: float = Field(60, gt=0, le=900)
    fetch_max_body_bytes: int = Field(10_000_000, ge=1000, le=1_000_000_000)
    fetch_attempts: int = Field(4, ge=1, le=50)
    fetch_retry_base_s: float = Field(30, gt=0, le=86400)
    fetch_breaker_failures: int = Field(5, ge=1, le=1000)
    fetch_breaker_pause_s: float = Field(300, gt=0, le=86400)
    fetch_breaker_max_pause_s: float = Field(21600, gt=0, le=604800)
    fetch_robots: bool = True
    fetch_noindex: bool = False
    fetch_visit_s: float = Field(30, gt=0, le=300)
    fetch_threads: int = Field(16, ge=1, le=512)

    recrawl_after_s: tuple[Age, ...] = (3600, 21600, 86400)

    # -- sources
    source_schedule: str = "adaptive 5m..6h"
    source_max_age_days: float = Field(30, ge=0, le=36500)

    # -- saved searches
    saved_searches_max: int = Field(100, ge=0, le=10_000)
    webhook_allow_private: tuple[str, ...] = ()
    webhook_allow_ports: tuple[Port, ...] = (80, 443)
    webhook_timeout_s: float = Field(10, gt=0, le=60)
    webhook_attempts: int = Field(12, ge=1, le=100)
    webhook_retry_base_s: float = Field(10, gt=0, le=3600)
    webhook_failures: int = Field(20, ge=1, le=1000)

    # -- archive of raw responses
    archive: bool = True
    archive_url: str | None = None
    archive_segment_bytes: int = Field(256_000_000, ge=10_000, le=10_000_000_000)
    archive_keep_days: float = Field(30, gt=0, le=36500)
    archive_max_bytes: int = Field(20_000_000_000, ge=1_000_000)

    # -- reading and indexing
    digest_processes: int = Field(0, ge=0, le=256)
    digest_lease_s: float = Field(120, gt=1, le=3600)
    index_html: bool = True
    revisions_kept: int = Field(10, ge=0, le=100)
    spool_max_bytes: int = Field(256_000_000, ge=1_000_000)
    sweep_every_s: float = Field(30, ge=1, le=3600)
    sweep_after_s: float = Field(120, ge=1, le=86400)

    # -- retention
    retention_days: float = Field(0, ge=0, le=36500)
    retention_max_articles: int = Field(0, ge=0)

    # -- logs
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    @field_validator(
        "fetch_allow_private",
        "fetch_allow_ports",
        "recrawl_after_s",
        "api_cors_origins",
        "webhook_allow_private",
        "webhook_allow_ports",
        mode="before",
    )
    @classmethod
    def _split_list(cls, value: object) -> object:
        """Split a list from the environment: words separated by commas or spaces."""
        return _split_words(value) if isinstance(value, str) else value

    @field_validator("api_keys")
    @classmethod
    def _check_key_length(cls, value: SecretStr | None) -> SecretStr | None:
        """Reject keys that are short enough to guess."""
        if value and any(len(key) < MIN_KEY_CHARS for key in _split_words(value.get_secret_value())):
            raise ValueError(f"a key needs {MIN_KEY_CHARS} characters or more; create one with `openssl rand -hex 16`")
        return value

    @field_validator("fetch_host_delays", mode="before")
    @classmethod
    def _split_pairs(cls, value: object) -> object:
        """Split a table from the environment: news.example=5, other.example=0.2."""
        return (
            dict(word.partition("=")[::2] for word in value.replace(",", " ").split())
            if isinstance(value, str)
            else value
        )

    @field_validator("fetch_host_delays")
    @classmethod
    def _check_delays(cls, value: dict[str, float]) -> dict[str, float]:
        if not all(0 <= delay <= 86400 for delay in value.values()):
            raise ValueError("allowed: delays from 0 to 86400 seconds")
        return {host.lower(): delay for host, delay in value.items()}

    @field_validator("index_replicas", mode="before")
    @classmethod
    def _parse_replicas(cls, value: object) -> object:
        """Parse a number, or a range in the form of Elasticsearch's auto_expand_replicas."""
        low, dash, high = str(value).partition("-")
        is_known = {low, high} <= {"", "all", *map(str, range(11))} and low not in ("", "all")
        if not is_known or bool(dash) != bool(high) or (high.isdigit() and int(low) > int(high)):
            raise ValueError("allowed: a number from 0 to 10, or a range such as 0-1 or 0-all")
        return f"{low}-{high}" if dash else int(low)

    @field_validator("index_allocation", mode="before")
    @classmethod
    def _split_allocation(cls, value: object) -> object:
        """Split a table from the environment at spaces, because values contain commas.

        Example: include._tier_preference=data_hot exclude.rack=r1,r2
        """
        pairs = dict(w.partition("=")[::2] for w in value.split()) if isinstance(value, str) else value
        return {k: str(v) if isinstance(v, int) else v for k, v in pairs.items()} if isinstance(pairs, dict) else pairs

    @field_validator("index_allocation")
    @classmethod
    def _check_allocation(cls, value: dict[str, str]) -> dict[str, str]:
        for key, wanted in value.items():
            if key == "total_shards_per_node":
                if not re.fullmatch(r"[1-9][0-9]{0,4}", wanted):
                    raise ValueError(f"{key} must be a number from 1 on, not {wanted!r}")
            elif not re.fullmatch(r"(include|exclude|require)\.[\w.-]+", key):
                raise ValueError(f"{key!r} is not include.…, exclude.…, require.… or total_shards_per_node")
            elif not wanted.strip():
                raise ValueError(f"{key} has no value; write for example {key}=data_hot")
        return value

    @field_validator("fetch_proxy_url")
    @classmethod
    def _check_proxy_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not _is_web_url(value.get_secret_value()):
            raise ValueError(
                "allowed: http://host:port or https://host:port, with user:password@ before the host if needed"
            )
        return value

    @field_validator("fetch_allow_private", "webhook_allow_private")
    @classmethod
    def _check_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            try:
                ipaddress.ip_network(text)
            except ValueError as e:
                raise ValueError(f"{text!r} is not a network such as 127.0.0.0/8 or fd00::/8 ({e})") from None
        return value

    @field_validator("index_url")
    @classmethod
    def _check_index_url(cls, value: SecretStr | None) -> SecretStr | None:
        url = value.get_secret_value() if value else ""
        if url and not url.startswith("sqlite:///") and not _is_web_url(url):
            raise ValueError("allowed: sqlite:///path/to/file.db, http://host:9200 or https://host:9200")
        return value

    @field_validator("redis_url")
    @classmethod
    def _check_redis_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("redis://", "rediss://", "redis+socket://")):
            raise ValueError("allowed: redis://host:6379/0, rediss://… (TLS) or redis+socket:///path")
        if value and not _is_redis(value.get_secret_value()):
            raise ValueError(
                "host, port, database number or an option after '?' is not valid; write for example redis://host:6379/0"
            )
        return value

    @field_validator("kibana_url")
    @classmethod
    def _check_kibana_url(cls, value: str) -> str:
        if not _is_web_url(value):
            raise ValueError("allowed: http://host:port or https://host:port, with a path if it has one")
        return value

    @field_validator("api_cors_origins")
    @classmethod
    def _check_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Reject spellings that browsers never send, because they would never match."""
        for text in value:
            if text != "*" and not ORIGIN.fullmatch(text):
                raise ValueError(
                    f"{text!r} is not an origin as browsers send it: scheme://host in lower case, with :port unless it "
                    "is the default port, and without anything after it, not even a slash; or * for all sites"
                )
        return value

    @field_validator("api_public_url")
    @classmethod
    def _check_public_url(cls, value: str) -> str:
        if value and (not _is_web_url(value) or "?" in value or "#" in value):
            raise ValueError("allowed: https://host or http://host:port, with a path if it has one")
        return value

    @field_validator("data_dir", mode="after")
    @classmethod
    def _make_absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError as e:  # the user after ~ does not exist
            raise ValueError(f"{e} Give an absolute path") from None

    # -- derived values

    @property
    def api_key_list(self) -> tuple[str, ...]:
        """The keys in `api_keys`, one by one."""
        return _split_words(self.api_keys.get_secret_value()) if self.api_keys else ()

    @property
    def broker_socket(self) -> Path:
        """The socket of the embedded broker."""
        return self.data_dir / "broker.sock"

    @property
    def broker_url(self) -> str:
        """The URL of the configured Redis or of the embedded broker."""
        return self.redis_url.get_secret_value() if self.redis_url else f"redis+socket://{_in_url(self.broker_socket)}"

    @property
    def store_url(self) -> str:
        """The URL of the configured index or of the embedded one."""
        if self.index_url:
            return self.index_url.get_secret_value()
        return f"sqlite:///{_in_url(self.data_dir / 'copydesk.db')}"

    @property
    def processes(self) -> int:
        """The number of digest processes: `digest_processes`, or one per core."""
        return self.digest_processes or os.cpu_count() or 1


def _split_words(text: str) -> tuple[str, ...]:
    """Split at commas and spaces."""
    return tuple(text.replace(",", " ").split())


def _in_url(path: Path) -> str:
    """Quote a path; the readers of the URL unquote it."""
    return quote(os.fsencode(path))


def _is_web_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_redis(url: str) -> bool:
    """Return True if the Redis client accepts the URL. No connection is opened."""
    try:
        Redis.from_url(url.replace("redis+socket://", "unix://", 1)).connection_pool.make_connection()
        parts = urlsplit(url)
    except (ValueError, TypeError, AttributeError, RedisError):
        return False
    return parts.scheme == "redis+socket" or parts.path.strip("/").isdecimal() or not parts.path.strip("/")

"""Every setting, in one place: defaults here and in config/copydesk.toml (a test holds the two together). Where values
come from says loading.py. Names carry their unit: `_s` seconds, `_bytes`, `_ms`, `_pct`.
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from redis import Redis, RedisError

PROJECT = Path(__file__).resolve().parents[2]
CONFIG = PROJECT / "config"
MIN_KEY_CHARS = 16  #: of a key that clients present
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ORIGIN = re.compile(
    r"(?!http://.*:80$|https://.*:443$)[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[1-9]\d{0,4})?"
)
DEFAULT_USER_AGENT = "Copydesk/0.1 (+https://copydesk.example/about-this-bot)"

Port = Annotated[int, Field(ge=1, le=65535)]
Age = Annotated[float, Field(gt=0, le=10 * 366 * 86400)]  # seconds


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)

    # -- where things are
    data_dir: Path = Path("data")
    redis_url: SecretStr | None = None
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
    fetch_connect_timeout_s: float = Field(10, gt=0, le=300)
    fetch_read_timeout_s: float = Field(20, gt=0, le=300)
    fetch_total_timeout_s: float = Field(60, gt=0, le=900)
    fetch_max_body_bytes: int = Field(10_000_000, ge=1000, le=1_000_000_000)
    fetch_max_redirects: int = Field(8, ge=0, le=50)
    fetch_attempts: int = Field(4, ge=1, le=50)
    fetch_retry_base_s: float = Field(30, gt=0, le=86400)
    fetch_breaker_failures: int = Field(5, ge=1, le=1000)
    fetch_breaker_pause_s: float = Field(300, gt=0, le=86400)
    fetch_breaker_max_pause_s: float = Field(21600, gt=0, le=604800)
    fetch_robots: bool = True
    fetch_robots_ttl_s: float = Field(14400, gt=0, le=86400)
    fetch_noindex: bool = False
    fetch_turn_s: float = Field(30, gt=0, le=300)
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

    # -- raw responses
    archive: bool = True
    archive_url: str | None = None
    archive_segment_bytes: int = Field(256_000_000, ge=10_000, le=10_000_000_000)
    archive_keep_days: float = Field(30, gt=0, le=36500)
    archive_max_bytes: int = Field(20_000_000_000, ge=1_000_000)

    # -- reading and filing
    digest_batch: int = Field(50, ge=1, le=1000)
    digest_processes: int = Field(0, ge=0, le=256)
    digest_attempts: int = Field(3, ge=1, le=20)
    digest_lease_s: float = Field(120, gt=1, le=3600)
    revisions_kept: int = Field(10, ge=0, le=100)
    spool_max_bytes: int = Field(256_000_000, ge=1_000_000)
    sweep_every_s: float = Field(30, ge=1, le=3600)
    sweep_after_s: float = Field(120, ge=1, le=86400)
    sweep_attempts: int = Field(10, ge=1, le=1000)

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
    def _split(cls, value: object) -> object:
        """Environment variables carry lists as words separated by commas or blanks."""
        return _words_of(value) if isinstance(value, str) else value

    @field_validator("api_keys")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        """Others may try to guess them."""
        if value and any(len(key) < MIN_KEY_CHARS for key in _words_of(value.get_secret_value())):
            raise ValueError(f"a key has {MIN_KEY_CHARS} characters or more; `openssl rand -hex 16` makes one")
        return value

    @field_validator("fetch_host_delays", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        """In the environment: news.example=5, other.example=0.2."""
        return (
            dict(word.partition("=")[::2] for word in value.replace(",", " ").split())
            if isinstance(value, str)
            else value
        )

    @field_validator("fetch_host_delays")
    @classmethod
    def _delays(cls, value: dict[str, float]) -> dict[str, float]:
        if not all(0 <= delay <= 86400 for delay in value.values()):
            raise ValueError("delays are seconds from 0 to 86400")
        return {host.lower(): delay for host, delay in value.items()}

    @field_validator("index_replicas", mode="before")
    @classmethod
    def _replicas(cls, value: object) -> object:
        """A number, or a range as Elasticsearch's auto_expand_replicas has it."""
        low, dash, high = str(value).partition("-")
        is_sound = {low, high} <= {"", "all", *map(str, range(11))} and low not in ("", "all")
        if not is_sound or bool(dash) != bool(high) or (high.isdigit() and int(low) > int(high)):
            raise ValueError("allowed: a number from 0 to 10, or a range such as 0-1 or 0-all")
        return f"{low}-{high}" if dash else int(low)

    @field_validator("index_allocation", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        """In the environment: include._tier_preference=data_hot exclude.rack=r1,r2; values hold commas."""
        pairs = dict(w.partition("=")[::2] for w in value.split()) if isinstance(value, str) else value
        return {k: str(v) if isinstance(v, int) else v for k, v in pairs.items()} if isinstance(pairs, dict) else pairs

    @field_validator("index_allocation")
    @classmethod
    def _allocation(cls, value: dict[str, str]) -> dict[str, str]:
        for key, wanted in value.items():
            if key == "total_shards_per_node":
                if not re.fullmatch(r"[1-9][0-9]{0,4}", wanted):
                    raise ValueError(f"{key} is a number from 1 on, not {wanted!r}")
            elif not re.fullmatch(r"(include|exclude|require)\.[\w.-]+", key):
                raise ValueError(f"{key!r} is not include.…, exclude.…, require.… or total_shards_per_node")
            elif not wanted.strip():
                raise ValueError(f"{key} has no value, such as {key}=data_hot")
        return value

    @field_validator("fetch_proxy_url")
    @classmethod
    def _proxy_scheme(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not _is_web_address(value.get_secret_value()):
            raise ValueError(
                "allowed: http://host:port or https://host:port, with user:password@ before the host if needed"
            )
        return value

    @field_validator("fetch_allow_private", "webhook_allow_private")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            try:
                ipaddress.ip_network(text)
            except ValueError as e:
                raise ValueError(f"{text!r} is not a network such as 127.0.0.0/8 or fd00::/8 ({e})") from None
        return value

    @field_validator("index_url")
    @classmethod
    def _index_scheme(cls, value: SecretStr | None) -> SecretStr | None:
        url = value.get_secret_value() if value else ""
        if url and not url.startswith("sqlite:///") and not _is_web_address(url):
            raise ValueError("allowed: sqlite:///path/to/file.db, http://host:9200 or https://host:9200")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_scheme(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("redis://", "rediss://", "redis+socket://")):
            raise ValueError("allowed: redis://host:6379/0, rediss://… (TLS) or redis+socket:///path")
        if value and not _is_redis(value.get_secret_value()):
            raise ValueError("host, port, database number or an option after '?' is wrong, as in redis://host:6379/0")
        return value

    @field_validator("kibana_url")
    @classmethod
    def _kibana(cls, value: str) -> str:
        if not _is_web_address(value):
            raise ValueError("allowed: http://host:port or https://host:port, with a path if it has one")
        return value

    @field_validator("api_cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """As browsers send them (RFC 6454, section 6.1): any other spelling would never match."""
        for text in value:
            if text != "*" and not ORIGIN.fullmatch(text):
                raise ValueError(
                    f"{text!r} is no origin as browsers send it: scheme://host in lower case, :port unless it is the "
                    "usual one, and nothing after it, not even a slash; or * for all sites"
                )
        return value

    @field_validator("api_public_url")
    @classmethod
    def _public(cls, value: str) -> str:
        if value and (not _is_web_address(value) or "?" in value or "#" in value):
            raise ValueError("allowed: https://host or http://host:port, with a path if it has one")
        return value

    @field_validator("data_dir", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError as e:  # ~nobody
            raise ValueError(f"{e} Give a whole path") from None

    # -- what follows from them

    @property
    def api_key_list(self) -> tuple[str, ...]:
        return _words_of(self.api_keys.get_secret_value()) if self.api_keys else ()

    @property
    def broker_socket(self) -> Path:
        """Where the embedded broker listens."""
        return self.data_dir / "broker.sock"

    @property
    def broker_url(self) -> str:
        """Of the configured Redis, or of the embedded broker."""
        return self.redis_url.get_secret_value() if self.redis_url else f"redis+socket://{_in_url(self.broker_socket)}"

    @property
    def store_url(self) -> str:
        """Of the configured index, or of the embedded one."""
        if self.index_url:
            return self.index_url.get_secret_value()
        return f"sqlite:///{_in_url(self.data_dir / 'copydesk.db')}"

    @property
    def processes(self) -> int:
        """Digest processes: as set, or one a core."""
        return self.digest_processes or os.cpu_count() or 1


def _words_of(text: str) -> tuple[str, ...]:
    """Separated by commas or blanks."""
    return tuple(text.replace(",", " ").split())


def _in_url(path: Path) -> str:
    """Whoever reads the URL unquotes its path."""
    return quote(os.fsencode(path))


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_redis(url: str) -> bool:
    """By the client's own judgement: a connection is made, but not opened."""
    try:
        Redis.from_url(url.replace("redis+socket://", "unix://", 1)).connection_pool.make_connection()
        parts = urlsplit(url)
    except (ValueError, TypeError, AttributeError, RedisError):
        return False
    return parts.scheme == "redis+socket" or parts.path.strip("/").isdecimal() or not parts.path.strip("/")

"""Tests of the settings: their sources, their precedence, and the messages about wrong values."""

from __future__ import annotations

from pathlib import Path

import pytest
from celery import Celery

from tests.support.servers.redis_server import RedisServer
from worker.config.folders import make_data_folder
from worker.config.loading import load
from worker.config.settings import Settings
from worker.errors import BadInput
from worker.storage.sqlite.database import Database
from worker.wiring import open_redis


def test_environment_takes_precedence_over_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('api_port = 1111\nlog_level = "debug"\n')
    settings = load({"COPYDESK_CONFIG": str(file), "COPYDESK_API_PORT": "2222"})
    assert (settings.api_port, settings.log_level) == (2222, "debug")


def test_file_in_configuration_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "copydesk.toml").write_text("api_port = 1111\n")
    assert load({"COPYDESK_CONFIG_DIR": str(tmp_path)}).api_port == 1111


def test_named_file_takes_precedence_over_configuration_folder(tmp_path: Path) -> None:
    (tmp_path / "copydesk.toml").write_text("api_port = 1111\n")
    (tmp_path / "other.toml").write_text("api_port = 2222\n")
    named = {"COPYDESK_CONFIG": str(tmp_path / "other.toml"), "COPYDESK_CONFIG_DIR": str(tmp_path)}
    assert load(named).api_port == 2222


def test_defaults_need_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({}) == Settings()


def test_wrong_user_table_is_reported(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "links.toml").write_text("[")
    with pytest.raises(BadInput, match=r"links\.toml is not valid TOML"):
        load({"COPYDESK_CONFIG_DIR": str(tmp_path)})


def test_settings_class_reads_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_API_PORT", "1111")
    monkeypatch.setenv("API_PORT", "1111")
    assert Settings().api_port == 8484


def test_lists_in_environment_may_be_words() -> None:
    settings = load({"COPYDESK_FETCH_ALLOW_PRIVATE": "127.0.0.0/8, fd00::/8", "COPYDESK_FETCH_ALLOW_PORTS": "80 8080"})
    assert settings.fetch_allow_private == ("127.0.0.0/8", "fd00::/8")
    assert settings.fetch_allow_ports == (80, 8080)


def test_lists_and_tables_in_environment_may_be_toml() -> None:
    names = {"COPYDESK_RECRAWL_AFTER_S": "[60, 120]", "COPYDESK_FETCH_HOST_DELAYS": '{"a.example" = 0.2}'}
    settings = load(names | {"COPYDESK_FETCH_ALLOW_PRIVATE": '["10.0.0.0/8"]'})
    assert settings.recrawl_after_s == (60, 120)
    assert settings.fetch_host_delays == {"a.example": 0.2}
    assert settings.fetch_allow_private == ("10.0.0.0/8",)
    assert load({"COPYDESK_FETCH_HOST_DELAYS": "a.example=0.2"}).fetch_host_delays == {"a.example": 0.2}


def test_wrong_value_in_file_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("fetch_delays = 3\napi_port = 70000\n")
    with pytest.raises(BadInput) as caught:
        load({"COPYDESK_CONFIG": str(file)})
    port, delays = sorted(str(caught.value).splitlines())
    assert delays == f"{file}: fetch_delays: unknown setting; did you mean fetch_delay_s?"
    assert port.startswith(f"{file}: api_port: 70000 is not allowed: ")


def test_origins_are_accepted_as_browsers_send_them() -> None:
    origins = (
        "https://a.example",
        "http://127.0.0.1:8080",
        "http://[::1]:3000",
        "http://a.example:443",
        "app://reader",
        "*",
    )
    assert load({"COPYDESK_API_CORS_ORIGINS": ",".join(origins)}).api_cors_origins == origins


def test_index_allocation_and_replicas() -> None:
    words = "include._tier_preference=data_hot,data_warm exclude.rack=r1 total_shards_per_node=2"
    settings = load({"COPYDESK_INDEX_ALLOCATION": words, "COPYDESK_INDEX_REPLICAS": "0-all"})
    assert settings.index_allocation == {
        "include._tier_preference": "data_hot,data_warm",
        "exclude.rack": "r1",
        "total_shards_per_node": "2",
    }
    assert settings.index_replicas == "0-all"
    assert Settings.model_validate({"index_allocation": {"total_shards_per_node": 2}}).index_allocation == {
        "total_shards_per_node": "2"
    }


def test_secret_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hush\n")
    settings = load({"COPYDESK_INDEX_PASSWORD_FILE": str(tmp_path / "password")})
    assert settings.index_password is not None
    assert settings.index_password.get_secret_value() == "hush"
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("API_PORT", "70000", "less than or equal to 65535"),
        ("API_PORT", "many", "valid integer"),
        ("FETCH_ALLOW_PRIVATE", "localnet", "not a network such as 127.0.0.0/8"),
        ("INDEX_URL", "ftp://somewhere", "sqlite:///path"),
        ("LOG_FORMAT", "xml", "'text' or 'json'"),
        ("LOG_LEVEL", "INFO", "'debug', 'info', 'warning' or 'error'"),
        ("REDIS_URL", "http://h", "COPYDESK_REDIS_URL: (secret) is wrong; allowed: redis://host"),
        ("RECRAWL_AFTER_S", "[60, 120", "is not a TOML list or table"),
        ("FETCH_DELAYS", "3", "did you mean COPYDESK_FETCH_DELAY_S?"),
        ("API_KEYS", "long-enough-for-a-key, short", "16 characters or more"),
        ("API_CORS_ORIGINS", "https://a.example/", "not even a slash"),
        ("API_CORS_ORIGINS", "https://a.example not-an-origin", "'not-an-origin' is not an origin"),
        ("API_CORS_ORIGINS", "https://A.example", "lower case"),
        ("API_CORS_ORIGINS", "https://a.example:443", "the default port"),
        ("API_CORS_ORIGINS", "http://a.example:80", "the default port"),
        ("NO_SUCH_THING", "1", "unknown setting"),
        ("FETCH_MAX_REDIRECTS", "3", "COPYDESK_FETCH_MAX_REDIRECTS: the value is fixed at 8; remove the setting"),
        ("INDEX_PASSWORD_FILE", "/nowhere/at/all", "cannot read the secret"),
        ("CONFIG", "/nowhere.toml", "does not exist"),
        ("CONFIG", "/tmp", "Is a directory"),
        ("INDEX_PASSWORD_FILE", "/tmp", "Is a directory"),
        ("REDIS_URL", "redis://h:notaport", "redis://host:6379/0"),
        ("REDIS_URL", "redis://h:6379/news", "database number"),
        ("REDIS_URL", "redis://h?socket_timeout=long", "option after '?'"),
        ("REDIS_URL", "redis://h?no_such_option=1", "option after '?'"),
        ("REDIS_URL", "redis://[", "redis://host:6379/0"),
        ("INDEX_URL", "http://h:notaport", "http://host:9200"),
        ("KIBANA_URL", "https://:5601", "https://host:port"),
        ("FETCH_PROXY_URL", "http://", "http://host:port"),
        ("RECRAWL_AFTER_S", "nan,-5", "finite number"),
        ("RECRAWL_AFTER_S", "3600,-5", "greater than 0"),
        ("FETCH_DELAY_S", "nan", "finite number"),
        ("FETCH_HOST_DELAYS", "news.example=inf", "finite number"),
        ("FETCH_ALLOW_PORTS", "80 80808", "65535"),
        ("INDEX_REPLICAS", "11", "from 0 to 10"),
        ("INDEX_REPLICAS", "2-1", "such as 0-1"),
        ("INDEX_REPLICAS", "0-", "such as 0-1"),
        ("INDEX_REPLICAS", "-1", "such as 0-1"),
        ("INDEX_REPLICAS", "all", "such as 0-1"),
        ("INDEX_ALLOCATION", "blocks.write=true", "'blocks.write' is not include"),
        ("INDEX_ALLOCATION", "include.zone=", "include.zone has no value"),
        ("INDEX_ALLOCATION", "total_shards_per_node=0", "from 1 on"),
        ("DATA_DIR", "~no-such-user/data", "absolute path"),
    ],
)
def test_wrong_value_names_key_and_allowed_values(variable: str, value: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        load({f"COPYDESK_{variable}": value})
    assert f"COPYDESK_{variable}" in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize("url", ["http://user:hush@host", "redis://:hush/x@host", "redis://:hush@host:port"])
def test_wrong_secret_is_not_printed(url: str) -> None:
    with pytest.raises(BadInput) as caught:
        load({"COPYDESK_REDIS_URL": url})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["redis://h", "redis://:p%2Fw@h:6379/3", "rediss://[::1]:6380/0?ssl_cert_reqs=none", "redis+socket:///a/b"]
)
def test_broker_url_is_accepted(url: str) -> None:
    assert load({"COPYDESK_REDIS_URL": url}).broker_url == url


def test_secret_file_must_be_text(tmp_path: Path) -> None:
    (tmp_path / "password").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match=r"COPYDESK_INDEX_PASSWORD_FILE=.*not UTF-8"):
        load({"COPYDESK_INDEX_PASSWORD_FILE": str(tmp_path / "password")})


@pytest.mark.parametrize("name", ["100%", "a%41b", "q?x#y", "two words"])
def test_data_folder_may_have_any_name(tmp_path: Path, valkey: RedisServer, name: str) -> None:
    settings = load({"COPYDESK_DATA_DIR": str(tmp_path / name)})
    assert Database.from_url(settings.store_url).path == tmp_path / name / "copydesk.db"
    make_data_folder(settings.data_dir)
    settings.broker_socket.symlink_to(valkey.socket)
    with open_redis(settings) as client:
        assert client.ping()
    with Celery(broker=settings.broker_url).connection_for_write() as broker:
        assert broker.ensure_connection(max_retries=1).connected

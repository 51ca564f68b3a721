"""The servers start, answer, and are what they say."""

from __future__ import annotations

from redis import Redis

from worker.settings import Settings
from worker.storing.elastic.client import connect, describe


def test_redis_and_valkey_run_lua(redis_client: Redis) -> None:
    assert redis_client.eval("return redis.call('INCR', KEYS[1])", 1, "n") == 1


def test_elasticsearch_describes_itself(elastic_settings: Settings) -> None:
    with connect(elastic_settings) as client:
        assert describe(client).startswith("Elasticsearch 8.19.")


def test_elasticsearch_analyses_languages(elastic_settings: Settings) -> None:
    with connect(elastic_settings) as client:
        for analyzer, text, stem in (
            ("german", "Häuser", "haus"),
            ("english", "floods", "flood"),
            ("cjk", "東京都", "東京"),
        ):
            assert client.indices.analyze(analyzer=analyzer, text=text)["tokens"][0]["token"] == stem
        folded = client.indices.analyze(tokenizer="standard", filter=["lowercase", "asciifolding"], text="Málaga")
        assert folded["tokens"][0]["token"] == "malaga"

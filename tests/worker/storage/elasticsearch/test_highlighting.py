"""Where Elasticsearch finds a form of a word that our own stemmer does not, it is asked to mark it."""

from __future__ import annotations

from tests.support.corpus import document
from worker.config.settings import Settings
from worker.model.query import Query
from worker.search.stemming import stem
from worker.storage.elasticsearch.article_index import ElasticIndex
from worker.storage.elasticsearch.client import connect


def test_elasticsearch_marks_what_we_cannot(elastic_settings: Settings) -> None:
    index = ElasticIndex(connect(elastic_settings), elastic_settings)
    index.setup()
    index.write(
        [
            document("a", "Las luces del puerto", "Las luces se apagan a medianoche.", language="es"),
            document("b", "Una luz", "La luz vuelve.", language="es"),
            document("c", "Luz Marina cuenta su viaje", author=("Luz Marina",)),
        ]
    )
    index.refresh()
    assert stem("es", "luces") != stem("es", "luz")
    shown = {hit.document.id: dict(hit.highlights) for hit in index.search(Query(text="luz")).hits}
    assert shown["a"]["headline"] == ("Las \x02luces\x03 del puerto",)
    assert shown["a"]["article_body"] == ("Las \x02luces\x03 se apagan a medianoche.",)
    assert shown["b"]["headline"] == ("Una \x02luz\x03",)
    assert shown["c"]["headline"] == ("\x02Luz\x03 Marina cuenta su viaje",)

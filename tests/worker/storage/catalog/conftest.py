"""A catalog on each backend."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.stores import open_document_store
from worker.config.settings import Settings
from worker.storage.catalog import Catalog

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def open_catalog(settings: Settings) -> Catalog:
    return Catalog.on(open_document_store(settings))


@pytest.fixture
def catalog(settings: Settings) -> Catalog:
    open_document_store(settings).setup()
    return open_catalog(settings)

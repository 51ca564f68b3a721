"""The Elasticsearch client, built from the settings; what goes wrong below it comes out as our own errors."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from elastic_transport import ApiResponse, TlsError, TransportError
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    Elasticsearch,
    UnsupportedProductError,
)

from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable

CONNECTIONS = 16  #: kept open to each node
#: Too many requests, a fault of the node, no master or no shard yet, a proxy without a node behind it, a timeout.
UNAVAILABLE = (429, 500, 502, 503, 504)
#: Calls whose answers may tell of a part of the shards alone.
PARTIAL = ("search", "count")
#: Answers to a search that is more, or other, than Elasticsearch takes: too many values, clauses, buckets, bytes.
REFUSED = (400, 413)
BLOCKED = "cluster_block_exception"  #: answered with 403 too, yet no fault of our credentials, and it passes


class Denied(Unavailable):
    """Elasticsearch does not know us, or does not let us do this. To try again at once would not help: somebody has to
    mend our credentials or rights first."""


class Client(Elasticsearch):
    """Raises `Unavailable` where the cluster does not answer, refuses us, or answers from a part of the shards alone:
    credentials and certificates change while we run, and whoever asks us can mend neither. `BadInput` for a search that
    it does not take.

    Every call and every helper of the client passes `perform_request`, so this is the one place that translates.
    """

    def perform_request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any | None = None,
        endpoint_id: str | None = None,
        path_parts: Mapping[str, Any] | None = None,
    ) -> ApiResponse[Any]:
        try:
            response = super().perform_request(
                method, path, params=params, headers=headers, body=body, endpoint_id=endpoint_id, path_parts=path_parts
            )
        except (AuthenticationException, AuthorizationException) as e:
            if e.error == BLOCKED:
                raise Unavailable(f"Elasticsearch cannot serve us now: {e}") from e
            raise denied(_reason(e)) from e
        except UnsupportedProductError as e:
            raise Unavailable("COPYDESK_INDEX_URL leads to a server that is not Elasticsearch 8 or 9") from e
        except TlsError as e:
            raise Unavailable(f"Elasticsearch's certificate is not trusted ({e}); check COPYDESK_INDEX_CA_FILE") from e
        except TransportError as e:
            raise Unavailable(f"Elasticsearch does not answer ({_cause(e)}); check COPYDESK_INDEX_URL") from e
        except ApiError as e:
            if e.error == "index_not_found_exception":
                raise Unavailable(f"Elasticsearch has lost an index of ours ({e}); run copydesk index setup") from e
            if e.status_code in UNAVAILABLE:
                raise Unavailable(f"Elasticsearch cannot serve us now: {e}") from e
            if endpoint_id == "search" and e.status_code in REFUSED:
                raise BadInput(f"Elasticsearch does not take this search: {_reason(e)}; ask for less at once") from e
            raise
        if endpoint_id in PARTIAL and (failed := response.body.get("_shards", {}).get("failed")):
            raise Unavailable(f"{failed} shard(s) of Elasticsearch do not answer; part of what is asked for lies there")
        return response


def _cause(error: BaseException) -> str:
    """What the system said at the bottom of it, which each layer repeats at length."""
    below = error.__cause__ or error.__context__
    return str(getattr(error, "strerror", None) or error) if below is None else _cause(below)


def _reason(error: ApiError) -> str:
    """Elasticsearch's own words; an answer to HEAD has none."""
    try:
        return f"{error.body['error']['reason']} ({error.status_code})"
    except (KeyError, TypeError):
        return f"it answers {error.status_code}"


def denied(what: str) -> Denied:
    return Denied(
        f"Elasticsearch refuses us: {what}; check COPYDESK_INDEX_USERNAME, _PASSWORD or COPYDESK_INDEX_API_KEY"
    )


def connect(settings: Settings) -> Client:
    """A client for `settings.index_url`. Nothing is sent yet. `BadInput` for settings that contradict each other."""
    if settings.index_api_key and settings.index_username:
        raise BadInput("COPYDESK_INDEX_API_KEY and COPYDESK_INDEX_USERNAME are both set; keep one of them")
    if settings.index_ca_file and not settings.index_ca_file.is_file():
        raise BadInput(f"COPYDESK_INDEX_CA_FILE: there is no file {settings.index_ca_file}")
    return Client(
        settings.store_url,
        request_timeout=settings.index_timeout_s,
        connections_per_node=CONNECTIONS,
        http_compress=True,
        **_credentials(settings),
    )


def _credentials(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if settings.index_ca_file:
        found["ca_certs"] = str(settings.index_ca_file)
    if settings.index_api_key:
        found["api_key"] = settings.index_api_key.get_secret_value()
    if settings.index_username:
        password = settings.index_password.get_secret_value() if settings.index_password else ""
        # Encoded here, since the client itself takes ASCII only.
        found["basic_auth"] = base64.b64encode(f"{settings.index_username}:{password}".encode()).decode()
    return found


def describe(client: Client) -> str:
    """Product, versions of the nodes and health, in one line for `doctor`."""
    health = client.cluster.health()
    nodes = client.nodes.info(filter_path="nodes.*.version")["nodes"].values()
    versions = ", ".join(sorted({node["version"] for node in nodes}))
    return f"Elasticsearch {versions}, {len(nodes)} node(s), {health['status']}"

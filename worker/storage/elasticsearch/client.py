"""The Elasticsearch client, built from the settings. It raises the errors of this project."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Self

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
#: Temporary status codes: too many requests, an error of the node, no master or shard yet, a proxy without a node.
UNAVAILABLE = (429, 500, 502, 503, 504)
#: Endpoints that may return results from only some of the shards.
PARTIAL = ("search", "count")
#: Status codes of a search that exceeds a limit of Elasticsearch: too many values, clauses, buckets or bytes.
REFUSED = (400, 413)
BLOCKED = "cluster_block_exception"  #: also has status 403, but is temporary and not about credentials


NOT_FOUND = "index_not_found_exception"
MISSING = "An index is missing. To create missing indices, run: copydesk index setup. Elasticsearch reports:"


class Denied(Unavailable):
    """Elasticsearch rejects the credentials, or they lack a privilege. An operator must correct them first."""


class Client(Elasticsearch):
    """A client that raises `Unavailable` if the cluster is down, refuses access, or answers from only some shards.

    Refused access is not the caller's mistake: credentials and certificates change while a worker runs. Raises
    `BadInput` for a search that exceeds a limit of Elasticsearch.
    """

    def __enter__(self) -> Self:
        super().__enter__()
        return self

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
        """Send a request and translate its errors. Every call and helper of the client passes through here."""
        try:
            response = super().perform_request(
                method, path, params=params, headers=headers, body=body, endpoint_id=endpoint_id, path_parts=path_parts
            )
        except (AuthenticationException, AuthorizationException) as e:
            if e.error == BLOCKED:
                raise Unavailable(f"Elasticsearch cannot answer at present: {e}") from e
            raise denied(_reason(e)) from e
        except UnsupportedProductError as e:
            raise Unavailable("The server at COPYDESK_INDEX_URL is not Elasticsearch 8 or 9.") from e
        except TlsError as e:
            raise Unavailable(
                f"The certificate of Elasticsearch is not trusted ({e}). Check COPYDESK_INDEX_CA_FILE."
            ) from e
        except TransportError as e:
            raise Unavailable(f"Elasticsearch does not answer ({_cause(e)}). Check COPYDESK_INDEX_URL.") from e
        except ApiError as e:
            if e.error == NOT_FOUND:
                raise Unavailable(f"{MISSING} {_reason(e)}") from e
            if e.status_code in UNAVAILABLE:
                raise Unavailable(f"Elasticsearch cannot answer at present: {e}") from e
            if endpoint_id == "search" and e.status_code in REFUSED:
                raise BadInput(f"Elasticsearch refuses this search: {_reason(e)}. Make the query smaller.") from e
            raise
        if endpoint_id in PARTIAL and (failed := response.body.get("_shards", {}).get("failed")):
            raise Unavailable(f"{failed} shard(s) of Elasticsearch do not answer. The result would be incomplete.")
        return response


def _cause(error: BaseException) -> str:
    """Return the innermost error, which the layers above repeat at length."""
    below = error.__cause__ or error.__context__
    return str(getattr(error, "strerror", None) or error) if below is None else _cause(below)


def _reason(error: ApiError) -> str:
    """Return the reason that Elasticsearch gives. A response to HEAD has none."""
    try:
        return f"{error.body['error']['reason']} ({error.status_code})"
    except (KeyError, TypeError):
        return f"status {error.status_code}"


def denied(reason: str) -> Denied:
    """Return the error of a request that Elasticsearch refuses for lack of rights."""
    advice = "Check COPYDESK_INDEX_USERNAME, _PASSWORD or COPYDESK_INDEX_API_KEY."
    return Denied(f"Elasticsearch refuses access: {reason}. {advice}")


def read_error(name: str, error: Mapping[str, Any]) -> Unavailable:
    """Return the error of a document that could not be read by its id."""
    if error["type"] == NOT_FOUND:
        return Unavailable(f"{MISSING} {error['reason']}")
    return Unavailable(f"Cannot read a document of {name}: {error['reason']}")


def connect(settings: Settings) -> Client:
    """Return a client, without a request. Raise `BadInput` if settings contradict each other."""
    if settings.index_api_key and settings.index_username:
        raise BadInput("COPYDESK_INDEX_API_KEY and COPYDESK_INDEX_USERNAME are both set. Remove one of them.")
    if settings.index_ca_file and not settings.index_ca_file.is_file():
        raise BadInput(f"COPYDESK_INDEX_CA_FILE does not exist: {settings.index_ca_file}")
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
        # The client encodes ASCII only.
        found["basic_auth"] = base64.b64encode(f"{settings.index_username}:{password}".encode()).decode()
    return found


def describe(client: Client) -> str:
    """Return product, versions of the nodes and health in one line."""
    health = client.cluster.health()
    nodes = client.nodes.info(filter_path="nodes.*.version")["nodes"].values()
    versions = ", ".join(sorted({node["version"] for node in nodes}))
    return f"Elasticsearch {versions}, {len(nodes)} node(s), {health['status']}"

"""The saved objects for Kibana, and a client of Kibana's import call, `POST /api/saved_objects/_import`."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable
from worker.package_data import read_text

TIMEOUT_S = 60
DEFAULT_PREFIX = "copydesk"  #: the index prefix in the checked-in objects
NOT_READY = (429, 502, 503, 504)  #: HTTP status codes of a Kibana that starts or is overloaded


def saved_objects(index_prefix: str) -> str:
    """Return the data views and both dashboards as NDJSON, one JSON object a line.

    The ids and index names of the checked-in objects begin with "copydesk-"; another prefix replaces it in all of them,
    so that two installations can share one Kibana.
    """
    objects = read_text("api.kibana", "copydesk.ndjson")
    return objects.replace(f'"{DEFAULT_PREFIX}-', f'"{index_prefix}-')


@dataclass(frozen=True, slots=True, kw_only=True)
class Kibana:
    """A client of the Kibana that the settings name."""

    settings: Settings
    space: str = ""  #: the name of a Kibana space; "" is the default space

    def import_objects(self, ndjson: str) -> int:
        """Import saved objects, replace those with the same ids, and return how many were imported.

        `Unavailable`: Kibana does not answer or is still starting. `BadInput`: Kibana rejects the credentials or an
        object, or the server is not Kibana.
        """
        response = self._post({"file": ("copydesk.ndjson", ndjson.encode(), "application/ndjson")})
        if response.status_code != 200:
            raise self._error(response)
        try:
            result = response.json()
            success, count, errors = result["success"], int(result["successCount"]), result.get("errors", [])
        except (ValueError, KeyError, TypeError):
            raise BadInput(f"The server at {self._url} is not Kibana. Check COPYDESK_KIBANA_URL.") from None
        if not success:
            problems = "\n".join(map(_describe_error, errors))
            raise BadInput(f"Kibana imported only {count} objects and rejected the others:\n{problems}")
        return count

    def _post(self, files: dict[str, Any]) -> requests.Response:
        settings = self.settings
        with requests.Session() as session:
            session.trust_env = False  # ignore proxies and .netrc passwords of the environment
            session.verify = str(settings.kibana_ca_file) if settings.kibana_ca_file else True
            try:
                return session.post(
                    self._url, params={"overwrite": "true"}, files=files, headers=self._headers(), timeout=TIMEOUT_S,
                    allow_redirects=False,
                )  # fmt: skip
            except requests.exceptions.SSLError as e:
                raise BadInput(f"Kibana's certificate is not trusted ({e}). Check COPYDESK_KIBANA_CA_FILE.") from e
            except (requests.ConnectionError, requests.Timeout) as e:
                raise Unavailable(
                    f"Kibana does not answer at {settings.kibana_url}: {_cause(e)}. Is it running?"
                ) from e
            except requests.RequestException as e:
                raise BadInput(f"COPYDESK_KIBANA_URL: {settings.kibana_url} is not a usable URL: {e}") from e

    def _headers(self) -> dict[str, str]:
        settings, headers = self.settings, {"kbn-xsrf": "copydesk"}
        if settings.kibana_api_key:
            headers["Authorization"] = f"ApiKey {settings.kibana_api_key.get_secret_value()}"
        elif settings.kibana_username:
            password = settings.kibana_password.get_secret_value() if settings.kibana_password else ""
            credentials = f"{settings.kibana_username}:{password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode()}"
        return headers

    @property
    def _url(self) -> str:
        space = f"/s/{quote(self.space, safe='')}" if self.space else ""
        return f"{self.settings.kibana_url.rstrip('/')}{space}/api/saved_objects/_import"

    def _error(self, response: requests.Response) -> BadInput | Unavailable:
        """Return the exception for a response other than 200."""
        details = f"{response.status_code}: {_message(response)}"
        if response.status_code in (401, 403) or response.is_redirect:  # a redirect leads to the login page
            advice = "Set COPYDESK_KIBANA_API_KEY, or COPYDESK_KIBANA_USERNAME and COPYDESK_KIBANA_PASSWORD, of a user"
            return BadInput(
                f"Kibana rejects the credentials ({details}). {advice} with the right to manage saved objects."
            )
        if response.status_code == 404:
            advice = "Check COPYDESK_KIBANA_URL, its base path and --space."
            return BadInput(f"Kibana is not at {self._url} ({details}). {advice}")
        if response.status_code in NOT_READY:
            return Unavailable(f"Kibana is not ready ({details}). Try again in a minute.")
        return BadInput(f"Kibana rejects the import ({details}).")


def _message(response: requests.Response) -> str:
    try:
        return str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        return response.text.strip()[:200] or response.reason


def _cause(error: BaseException | None) -> str:
    """Return the operating system's message, which requests and urllib3 wrap several times."""
    while error:
        if isinstance(error, OSError) and error.strerror:
            return error.strerror.lower()
        error = error.__cause__ or error.__context__
    return f"no answer within {TIMEOUT_S} s"


def _describe_error(error: dict[str, Any]) -> str:
    """Return a line that names a rejected object and the reason."""
    problem = error.get("error", {})
    missing = ", ".join(f"{r.get('type')} {r.get('id')}" for r in problem.get("references", []))
    reason = problem.get("message") or (f"refers to missing objects: {missing}" if missing else problem.get("type"))
    return f"  {error.get('type')} {error.get('id')}: {reason}"

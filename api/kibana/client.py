"""Kibana's import call: POST /api/saved_objects/_import."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from worker.config.settings import Settings
from worker.errors import BadInput, Unavailable

TIMEOUT_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Kibana:
    """`settings` say where Kibana is and who we are there."""

    settings: Settings
    space: str = ""  #: a Kibana space; "" is the default one

    def import_objects(self, ndjson: str) -> int:
        """Import saved objects over those that are there. Returns how many.

        `Unavailable` where Kibana does not answer or is still starting, `BadInput` where it refuses us or an object.
        """
        answer = self._post({"file": ("copydesk.ndjson", ndjson.encode(), "application/ndjson")})
        if answer.status_code != 200:
            raise self._refusal(answer)
        try:
            result = answer.json()
            done, count, errors = result["success"], int(result["successCount"]), result.get("errors", [])
        except (ValueError, KeyError, TypeError):
            raise BadInput(f"{self._url} answers, but not as Kibana does; check COPYDESK_KIBANA_URL") from None
        if not done:
            raise BadInput(f"Kibana did not take all objects ({count} taken):\n" + "\n".join(map(_explain, errors)))
        return count

    def _post(self, files: dict[str, Any]) -> requests.Response:
        settings = self.settings
        with requests.Session() as session:
            session.trust_env = False  # neither proxies nor passwords of the environment
            session.verify = str(settings.kibana_ca_file) if settings.kibana_ca_file else True
            headers = {"kbn-xsrf": "copydesk"}
            if settings.kibana_api_key:
                headers["Authorization"] = f"ApiKey {settings.kibana_api_key.get_secret_value()}"
            elif settings.kibana_username:
                password = settings.kibana_password.get_secret_value() if settings.kibana_password else ""
                credentials = f"{settings.kibana_username}:{password}".encode()
                headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode()}"
            try:
                return session.post(
                    self._url, params={"overwrite": "true"}, files=files, headers=headers, timeout=TIMEOUT_S,
                    allow_redirects=False,
                )  # fmt: skip
            except requests.exceptions.SSLError as e:
                raise BadInput(f"Kibana's certificate is not trusted ({e}); check COPYDESK_KIBANA_CA_FILE") from e
            except (requests.ConnectionError, requests.Timeout) as e:
                raise Unavailable(f"Kibana does not answer at {settings.kibana_url}: {_why(e)}; is it up?") from e
            except requests.RequestException as e:
                raise BadInput(f"COPYDESK_KIBANA_URL: {settings.kibana_url} leads nowhere: {e}") from e

    @property
    def _url(self) -> str:
        space = f"/s/{quote(self.space, safe='')}" if self.space else ""
        return f"{self.settings.kibana_url.rstrip('/')}{space}/api/saved_objects/_import"

    def _refusal(self, answer: requests.Response) -> BadInput | Unavailable:
        status, said = answer.status_code, _message(answer)
        if status in (401, 403) or answer.is_redirect:  # a redirect leads to the login page
            advice = (
                "set COPYDESK_KIBANA_API_KEY, or COPYDESK_KIBANA_USERNAME and COPYDESK_KIBANA_PASSWORD, of somebody "
            )
            return BadInput(f"Kibana refuses us ({status}: {said}); {advice}who may manage saved objects")
        if status == 404:
            return BadInput(
                f"there is no Kibana at {self._url} ({said}); check COPYDESK_KIBANA_URL, its base path and --space"
            )
        if status in (429, 502, 503, 504):
            return Unavailable(f"Kibana is not ready ({status}: {said}); try again in a minute")
        return BadInput(f"Kibana refuses the import ({status}: {said})")


def _message(answer: requests.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text.strip()[:200] or answer.reason


def _why(error: BaseException | None) -> str:
    """In the words of the operating system, which stand at the bottom of what the libraries make of them."""
    while error:
        if isinstance(error, OSError) and error.strerror:
            return error.strerror.lower()
        error = error.__cause__ or error.__context__
    return f"no answer within {TIMEOUT_S} s"


def _explain(error: dict[str, Any]) -> str:
    """One object that was not taken, and why."""
    problem = error.get("error", {})
    missing = ", ".join(f"{r.get('type')} {r.get('id')}" for r in problem.get("references", []))
    why = problem.get("message") or (f"refers to what is missing: {missing}" if missing else problem.get("type"))
    return f"  {error.get('type')} {error.get('id')}: {why}"

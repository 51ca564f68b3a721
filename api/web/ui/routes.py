"""The routes of the pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response

from api.web.auth import session_cookie
from api.web.auth.api_keys import CurrentAuthenticator, CurrentContext
from api.web.ui.article_view import article_view
from api.web.ui.page_route import DOCS_POLICY, PageRoute
from api.web.ui.search_state import SearchState, from_request
from api.web.ui.search_view import search_view
from api.web.ui.status_view import status_view
from api.web.ui.templates import STATIC, page
from worker.services.ledger import lookup as ledger_lookup

router = APIRouter(route_class=PageRoute, include_in_schema=False, default_response_class=HTMLResponse)
SIGNED_IN = [Depends(session_cookie.require_session)]
SAME_ORIGIN = [Depends(session_cookie.require_same_origin)]
YEAR_S = 365 * 86400


@router.get("/", dependencies=SIGNED_IN)
def search(request: Request, context: CurrentContext, state: Annotated[SearchState, Depends(from_request)]) -> Response:
    """Return the search page."""
    return page(request, "search.html", view=search_view(context.search, state))


@router.get("/articles/{id}", dependencies=SIGNED_IN)
def article(request: Request, context: CurrentContext, id: str) -> Response:
    """Return the page of an article, or of a URL without an article."""
    view = article_view(context, ledger_lookup.identify(id))
    if view is None:
        raise HTTPException(404, f"Unknown id: {id}. No URL with this id was queued here.")
    return page(request, "article.html", view=view)


@router.get("/lookup", dependencies=SIGNED_IN)
def lookup(context: CurrentContext, url: str = "") -> Response:
    """Redirect from any spelling of a URL to its page."""
    id = ledger_lookup.identify(url.strip())
    if ledger_lookup.row(context, id) is None and ledger_lookup.document(context, id) is None:
        raise HTTPException(404, f"Unknown URL: {url}. To queue it, run `copydesk add`.")
    return RedirectResponse(f"/articles/{id}", 303)


@router.get("/queue", dependencies=SIGNED_IN)
def queue(request: Request, context: CurrentContext) -> Response:
    """Return the queue page."""
    return page(request, "queue.html", view=status_view(context))


@router.get("/queue/live", dependencies=SIGNED_IN)
def queue_live(request: Request, context: CurrentContext) -> Response:
    """Return the part of the queue page that changes."""
    return page(request, "queue_live.html", view=status_view(context))


@router.get("/docs", dependencies=SIGNED_IN)
def docs(request: Request) -> Response:
    """Return the page that describes the API."""
    response = page(request, "docs.html")
    response.headers["Content-Security-Policy"] = DOCS_POLICY
    return response


@router.get("/docs/openapi.json", dependencies=SIGNED_IN)
def docs_openapi(request: Request) -> Response:
    """Return the description of the API. `/openapi.json` takes the key from a header, which a page cannot send."""
    return JSONResponse(request.app.openapi())


@router.post("/sign-in", dependencies=SAME_ORIGIN)
def sign_in(request: Request, authenticator: CurrentAuthenticator, form: session_cookie.Form) -> Response:
    """Store a key in a cookie, and redirect to the page that was requested."""
    key, target = form.get("key", "").strip(), session_cookie.local_path(form.get("target", "/"))
    if not session_cookie.may_sign_in(authenticator, request, key):
        problem = "This key is invalid, or it lacks the scope read."
        return page(request, "sign_in.html", 401, target=target, problem=problem)
    response = RedirectResponse(target, 303)
    session_cookie.set_session(response, request, key)
    return response


@router.post("/sign-out", dependencies=SAME_ORIGIN)
def sign_out() -> Response:
    """Delete the cookie with the key."""
    response = RedirectResponse("/", 303)
    session_cookie.end_session(response)
    return response


@router.get("/static/{name:path}")
def static(name: str) -> Response:
    """Return a static file. Its URL changes with its content, so browsers may keep it."""
    if name not in STATIC:
        raise HTTPException(404, f"There is not a static file {name}")
    return FileResponse(STATIC[name], headers={"Cache-Control": f"public, max-age={YEAR_S}, immutable"})

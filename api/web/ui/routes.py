"""The addresses of the pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response

from api.web.auth import session_cookie
from api.web.auth.api_keys import CurrentAuthenticator, CurrentContext
from api.web.ui.article_view import look_up
from api.web.ui.page_route import DOCS_POLICY, PageRoute
from api.web.ui.search_state import Asked, from_request
from api.web.ui.search_view import find
from api.web.ui.status_view import look
from api.web.ui.templates import STATIC, page
from worker.services.ledger import lookup as asking

router = APIRouter(route_class=PageRoute, include_in_schema=False, default_response_class=HTMLResponse)
SIGNED_IN = [Depends(session_cookie.require_session)]
SAME_ORIGIN = [Depends(session_cookie.require_same_origin)]
YEAR_S = 365 * 86400


@router.get("/", summary="Search", dependencies=SIGNED_IN)
def search(request: Request, context: CurrentContext, asked: Annotated[Asked, Depends(from_request)]) -> Response:
    return page(request, "search.html", found=find(context.index, asked))


@router.get("/articles/{id}", summary="One article, or what became of its address", dependencies=SIGNED_IN)
def article(request: Request, context: CurrentContext, id: str) -> Response:
    filed = look_up(context, asking.identify(id))
    if filed is None:
        raise HTTPException(404, f"Nothing with the id {id} was ever accepted here")
    return page(request, "article.html", filed=filed)


@router.get("/lookup", summary="From an address to its page", dependencies=SIGNED_IN)
def lookup(context: CurrentContext, url: str = "") -> Response:
    id = asking.identify(url.strip())
    if asking.row(context, id) is None and asking.document(context, id) is None:
        raise HTTPException(404, f"{url} was never accepted here; `copydesk add` queues it")
    return RedirectResponse(f"/articles/{id}", 303)


@router.get("/queue", summary="How the whole stands", dependencies=SIGNED_IN)
def queue(request: Request, context: CurrentContext) -> Response:
    return page(request, "queue.html", queue=look(context))


@router.get("/queue/live", summary="The part of the queue page that changes", dependencies=SIGNED_IN)
def queue_live(request: Request, context: CurrentContext) -> Response:
    return page(request, "queue_live.html", queue=look(context))


@router.get("/docs", summary="The HTTP API", dependencies=SIGNED_IN)
def docs(request: Request) -> Response:
    """Return the page that describes the API."""
    response = page(request, "docs.html")
    response.headers["Content-Security-Policy"] = DOCS_POLICY
    return response


@router.get("/docs/openapi.json", summary="The description that the page /docs reads", dependencies=SIGNED_IN)
def docs_openapi(request: Request) -> Response:
    """Return the description of the API. `/openapi.json` takes the key from a header, which this page cannot send."""
    return JSONResponse(request.app.openapi())


@router.post("/sign-in", summary="Keep a key in a cookie", dependencies=SAME_ORIGIN)
def sign_in(request: Request, authenticator: CurrentAuthenticator, form: session_cookie.Form) -> Response:
    key, target = form.get("key", "").strip(), session_cookie.local_path(form.get("target", "/"))
    if not session_cookie.may_sign_in(authenticator, request, key):
        return page(request, "sign_in.html", 401, target=target, problem="This key does not open the archive.")
    response = RedirectResponse(target, 303)
    session_cookie.set_session(response, request, key)
    return response


@router.post("/sign-out", summary="Forget the key", dependencies=SAME_ORIGIN)
def sign_out() -> Response:
    response = RedirectResponse("/", 303)
    session_cookie.end_session(response)
    return response


@router.get("/static/{name:path}", summary="Style, script, icon")
def static(name: str) -> Response:
    if name not in STATIC:
        raise HTTPException(404, f"There is no file {name}")
    return FileResponse(STATIC[name], headers={"Cache-Control": f"public, max-age={YEAR_S}, immutable"})

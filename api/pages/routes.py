"""The addresses of the pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from api.pages import session
from api.pages.article import look_up
from api.pages.asked import Asked, from_request
from api.pages.described import describe
from api.pages.found import find
from api.pages.queue import look
from api.pages.rendering import STATIC, page
from api.pages.route import PageRoute
from api.web.keys import AtDesk, AtDoor
from worker.desk import asking

router = APIRouter(route_class=PageRoute, include_in_schema=False, default_response_class=HTMLResponse)
SIGNED_IN = [Depends(session.require_session)]
SAME_ORIGIN = [Depends(session.require_same_origin)]
YEAR_S = 365 * 86400


@router.get("/", summary="Search", dependencies=SIGNED_IN)
def search(request: Request, desk: AtDesk, asked: Annotated[Asked, Depends(from_request)]) -> Response:
    return page(request, "search.html", found=find(desk.index, asked))


@router.get("/articles/{id}", summary="One article, or what became of its address", dependencies=SIGNED_IN)
def article(request: Request, desk: AtDesk, id: str) -> Response:
    filed = look_up(desk, asking.identify(id))
    if filed is None:
        raise HTTPException(404, f"Nothing with the id {id} was ever accepted here")
    return page(request, "article.html", filed=filed)


@router.get("/lookup", summary="From an address to its page", dependencies=SIGNED_IN)
def lookup(desk: AtDesk, url: str = "") -> Response:
    id = asking.identify(url.strip())
    if asking.row(desk, id) is None and asking.document(desk, id) is None:
        raise HTTPException(404, f"{url} was never accepted here; `copydesk add` queues it")
    return RedirectResponse(f"/articles/{id}", 303)


@router.get("/queue", summary="How the whole stands", dependencies=SIGNED_IN)
def queue(request: Request, desk: AtDesk) -> Response:
    return page(request, "queue.html", queue=look(desk))


@router.get("/queue/live", summary="The part of the queue page that changes", dependencies=SIGNED_IN)
def queue_live(request: Request, desk: AtDesk) -> Response:
    return page(request, "queue_live.html", queue=look(desk))


@router.get("/docs", summary="The HTTP API", dependencies=SIGNED_IN)
def docs(request: Request) -> Response:
    return page(request, "docs.html", api=describe(request.app.openapi()))


@router.post("/sign-in", summary="Keep a key in a cookie", dependencies=SAME_ORIGIN)
def sign_in(request: Request, door: AtDoor, form: session.Form) -> Response:
    key, target = form.get("key", "").strip(), session.local_path(form.get("target", "/"))
    if not session.opens(door, request, key):
        return page(request, "sign_in.html", 401, target=target, problem="This key does not open the archive.")
    response = RedirectResponse(target, 303)
    session.keep(response, request, key)
    return response


@router.post("/sign-out", summary="Forget the key", dependencies=SAME_ORIGIN)
def sign_out() -> Response:
    response = RedirectResponse("/", 303)
    session.forget(response)
    return response


@router.get("/static/{name}", summary="Style, script, icon")
def static(name: str) -> Response:
    if name not in STATIC:
        raise HTTPException(404, f"There is no file {name}")
    return FileResponse(STATIC[name], headers={"Cache-Control": f"public, max-age={YEAR_S}, immutable"})

"""/v1/hosts: which hosts are left alone or fail, and going on with one."""

from __future__ import annotations

from fastapi import APIRouter

from api.web.auth.api_keys import CurrentContext
from worker.services.crawl import host_status
from worker.services.crawl.host_status import Host

router = APIRouter(tags=["hosts"])
admin = APIRouter(tags=["hosts"])


@router.get("/hosts", summary="Hosts that are paused or fail")
def list_hosts(context: CurrentContext) -> list[Host]:
    """Until when, and why; with the URLs that stand as failed, by reason."""
    return host_status.troubled(context)


@admin.post("/hosts/{host:path}/resume", summary="End the pause of a host")
def resume_host(host: str, context: CurrentContext) -> list[Host]:
    """A bare name is meant with each scheme and port. Answers how it stood; 422 where it is not paused."""
    return host_status.resume(context, host)

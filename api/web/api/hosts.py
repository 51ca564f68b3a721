"""/v1/hosts: hosts that are paused or fail, and the end of a pause."""

from __future__ import annotations

from fastapi import APIRouter

from api.web.auth.api_keys import CurrentContext
from worker.services.crawl import host_status
from worker.services.crawl.host_status import Host

router = APIRouter(tags=["hosts"])
admin = APIRouter(tags=["hosts"])


@router.get("/hosts", summary="Hosts that are paused or fail")
def list_hosts(context: CurrentContext) -> list[Host]:
    """Return each host with the end and the reason of its pause, and its failed URLs by reason."""
    return host_status.troubled(context)


@admin.post("/hosts/{host:path}/resume", summary="End the pause of a host")
def resume_host(host: str, context: CurrentContext) -> list[Host]:
    """End a pause and return the hosts as they were. A bare name means each scheme and port; 422 if none is paused."""
    return host_status.resume(context, host)

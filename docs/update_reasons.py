"""Write the table of reasons in docs/reliability.md from `worker.model.reasons`.

python docs/update_reasons.py            rewrites the table
python docs/update_reasons.py --check    exits with 1 if it is not current
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from worker.model.reasons import Reason, Stage

PAGE = Path(__file__).with_name("reliability.md")
BEGIN, END = "<!-- reasons: made by docs/update_reasons.py -->\n", "<!-- end of reasons -->\n"
TITLES = {
    Stage.FETCH: "One request",
    Stage.VISIT: "A visit to a host",
    Stage.REDIRECT: "Redirects",
    Stage.READ: "Reading a page",
    Stage.DIGEST: "Writing an article",
    Stage.SWEEP: "Recovery of lost crawls",
    Stage.DELETE: "Deletion on purpose",
    Stage.SOURCE: "Visits to sources",
    Stage.REBUILD: "`copydesk index rebuild --from-archive`",
}


def table() -> str:
    """Return the table, one row a reason, grouped by stage."""
    return "\n".join(["| reason | meaning | effect |", "|---|---|---|", *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    for stage, title in TITLES.items():
        yield f"| **{title}** | | |"
        if stage is Stage.FETCH:
            meaning = "the host answered with this HTTP status"
            yield f"| `http-404`, `http-503`, … | {meaning} | 408, 425, 429, 5xx: tried again |"
        yield from (f"| `{r}` | {r.explanation} | {_effect(r)} |" for r in Reason if r.stage is stage)


def _effect(reason: Reason) -> str:
    if reason.deletes:
        return "not crawled again"
    return "tried again" if reason.retryable else "rejected" if reason.refuses else "–"


def main() -> None:
    """Rewrite the page, or check it."""
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    current = before + BEGIN + table() + END + after
    if "--check" not in sys.argv:
        PAGE.write_text(current, "utf-8")
    elif page != current:
        sys.exit(f"The reasons in {PAGE} are not current. Run: python docs/update_reasons.py")


if __name__ == "__main__":
    main()

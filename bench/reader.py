"""Quality and speed of the reader, compared with other readers on labelled pages.

    python -m bench reader FOLDER                      our reader alone
    python -m bench reader FOLDER --peers              also every other reader that is installed
    python -m bench reader FOLDER --wet                plain text (rows with a `wet` file)

FOLDER holds gold.jsonl, a JSON object per line: set, url, page (a gzipped HTML file), and any of bodies, with_ and
without, title, authors, published, images (caption, credits), section, dateline, kind, noise, photographers. All
readers are measured in the same run, on the same bytes. The others are not dependencies of this project:

    pip install trafilatura newspaper4k readability-lxml resiliparse
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import adapter
from bench.scores import measure

Read = Callable[[bytes, str], Mapping[str, Any]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers", action="store_true", help="also run the other readers that are installed")
    parser.add_argument("--sets", help="only these sets, separated by commas")
    parser.add_argument("--wet", action="store_true", help="read the plain text of each page")
    parser.add_argument("--rounds", type=int, default=1, help="rounds; the median speed is printed")
    options = parser.parse_args(arguments)
    rows = [json.loads(line) for line in (options.folder / "gold.jsonl").read_text("utf-8").splitlines()]
    readers: dict[str, Read] = {"copydesk": adapter.read_text if options.wet else adapter.read}
    if options.peers and not options.wet:
        readers |= peers()
    for name in dict.fromkeys(row["set"] for row in rows):
        selected = [r for r in rows if r["set"] == name and (not options.wet or r.get("wet"))]
        if selected and (not options.sets or name in options.sets.split(",")):
            _compare(name, selected, options.folder, readers, "wet" if options.wet else "page", options.rounds)


def _compare(name: str, rows: list[Any], folder: Path, readers: Mapping[str, Read], file: str, rounds: int) -> None:
    pages = [(gzip.decompress((folder / row[file]).read_bytes()), row["url"]) for row in rows]
    print(f"\n{name}: {len(pages)} pages, {sum(len(body) for body, _ in pages) / 1e6:.1f} MB")
    speeds: dict[str, list[float]] = {who: [] for who in readers}
    outputs: dict[str, list[Mapping[str, Any]]] = {}
    for round_number in range(rounds):
        for who in random.Random(round_number).sample(sorted(readers), len(readers)):
            started = time.perf_counter()
            outputs[who] = [output_of(readers[who], body, url) for body, url in pages]
            speeds[who].append(len(pages) / (time.perf_counter() - started))
    for who in readers:
        numbers = measure(rows, outputs[who])
        shown = "  ".join(f"{measure_} {value:.3f}" for measure_, value in numbers.items())
        print(f"{who:14s} {shown}  {statistics.median(speeds[who]):.0f} pages/s")


def output_of(read: Read, body: bytes, url: str) -> Mapping[str, Any]:
    """Return the reader's output, or nothing if it raises an error."""
    try:
        return read(body, url) or {}
    except Exception:  # other readers raise many kinds of errors
        return {}


def peers() -> dict[str, Read]:
    """Return the other readers that are installed."""
    found: dict[str, Read] = {}
    for name, load in (
        ("trafilatura", _trafilatura),
        ("newspaper4k", _newspaper),
        ("readability", _readability),
        ("resiliparse", _resiliparse),
    ):
        try:
            found[name] = load()
        except ImportError as e:
            print(f"{name}: not installed ({e})")
    return found


def _trafilatura() -> Read:
    import trafilatura

    def read(body: bytes, url: str) -> Mapping[str, Any]:
        page = trafilatura.bare_extraction(body, url=url, include_comments=False, with_metadata=True)
        if page is None:
            return {}
        names = [name.strip() for name in (page.author or "").split(";") if name.strip()]
        return {"body": page.text, "title": page.title, "published": page.date, "authors": names}

    return read


def _newspaper() -> Read:
    import newspaper

    def read(body: bytes, url: str) -> Mapping[str, Any]:
        page = newspaper.Article(url, fetch_images=False)
        page.download(input_html=body.decode("utf-8", "replace"))
        page.parse()
        published = page.publish_date.isoformat() if hasattr(page.publish_date, "isoformat") else None
        return {"body": page.text, "title": page.title, "authors": page.authors, "published": published}

    return read


def _readability() -> Read:
    from lxml import html
    from readability import Document

    def read(body: bytes, _url: str) -> Mapping[str, Any]:
        page = Document(body.decode("utf-8", "replace"))
        text = "\n".join(str(text) for text in html.fromstring(page.summary()).itertext())
        return {"body": text, "title": page.short_title()}

    return read


def _resiliparse() -> Read:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    def read(body: bytes, _url: str) -> Mapping[str, Any]:
        text = bytes_to_str(body, detect_encoding(body))
        return {"body": extract_plain_text(text, main_content=True, alt_texts=False)}

    return read


if __name__ == "__main__":
    main()

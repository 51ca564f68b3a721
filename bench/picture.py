"""Draw the output of `copydesk demo` as docs/demo.svg, without external fonts or files."""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 110


def main(arguments: list[str]) -> None:
    """Run the demo and write its output as SVG."""
    parser = argparse.ArgumentParser(prog="python -m bench picture", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=Path("docs/demo.svg"))
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
        command = [str(Path(sys.executable).parent / "copydesk"), "demo", "--keep", folder]
        printed = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
        args.file.write_text(draw(printed.replace(folder, "data/demo")), "utf-8")


def draw(printed: str) -> str:
    """Return coloured terminal output as SVG."""
    console = Console(record=True, width=COLUMNS + 2, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(printed), soft_wrap=True)
    svg = re.sub(r"@font-face\s*\{[^}]*\}", "", console.export_svg(title="make demo"))
    return svg.replace("Fira Code", "ui-monospace, Menlo, Consolas")

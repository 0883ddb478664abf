"""Draws what a terminal shows for ``captures/faild.pcap`` into ``captures/faild.svg``, for the README.

``python -m tests.recorder.picture`` after a change of the text report; ``tests/test_readme.py`` holds the picture to
what the program prints today.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

from analyzer import analyze
from analyzer.report.messages import Catalogue
from analyzer.report.text import render_text
from analyzer.report.view import local_view

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURE = ROOT / "captures" / "faild.svg"
WIDTH = 80
#: The picture ends before this heading: what failed, why, what to do, and the difference in bytes.
UNTIL = "Signature"
FOREIGN = re.compile(r"<!--.*?-->|@font-face \{.*?\}", re.DOTALL)


def shown() -> str:
    """The first part of the report, with the terminal's colours."""
    view = local_view(analyze([str(ROOT / "captures" / "faild.pcap")]))
    text = render_text(view, Catalogue("en"), width=WIDTH, colour=True)
    lines = text.replace(str(ROOT) + "/", "").splitlines()
    plain = [Text.from_ansi(line).plain for line in lines]
    return "\n".join(lines[: plain.index(UNTIL)]).rstrip()


def drawn() -> str:
    """The same as SVG."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text("$ ossig captures/faild.pcap\n", style="bold"), Text.from_ansi(shown()), sep="\n")
    picture = console.export_svg(title="ossig captures/faild.pcap", unique_id="faild")
    return FOREIGN.sub("", picture)  # a picture that fetches nothing; the reader's own monospace serves


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(drawn(), encoding="utf-8")


if __name__ == "__main__":
    main()

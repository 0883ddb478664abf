"""Options that commands share, declared once."""

from __future__ import annotations

from typing import Annotated

import typer

from analyzer.cli.settings import Color, Format, Language

__all__ = [
    "Captures",
    "ColorOption",
    "Force",
    "FormatOption",
    "KeyLogs",
    "LanguageOption",
    "Output",
    "Redact",
    "SecretFile",
]

Captures = Annotated[
    list[str],
    typer.Argument(
        metavar="CAPTURE...",
        help="pcap or pcapng files (also compressed), directories, or - for standard input. Several are read as one "
        "rotated set, in order of time.",
        show_default=False,
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        "-f",
        help="Form of the report. When not given, the ending of FILE tells it (.html, .md, .json, .jsonl), else text.",
        show_default=False,
    ),
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to FILE instead of standard output (-)."),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite an existing FILE.")]
Redact = Annotated[
    bool,
    typer.Option("--redact", help="Replace names, ids, signatures, tokens and addresses, as ossig report does."),
]
LanguageOption = Annotated[
    Language | None,
    typer.Option("--lang", help="Language of the report; the locale's when not given.", show_default=False),
]
KeyLogs = Annotated[
    list[str] | None,
    typer.Option(
        "--keylog",
        metavar="FILE",
        help="TLS key log (the file that SSLKEYLOGFILE names) to decrypt HTTPS with. May be repeated.",
    ),
]
SecretFile = Annotated[
    str | None,
    typer.Option(
        "--secret-file",
        metavar="FILE",
        help="Lines ACCESS_KEY_ID:SECRET, to find out what the client really signed. The environment's "
        "OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET serve as well. Secrets never appear in a report.",
    ),
]
ColorOption = Annotated[Color, typer.Option("--color", help="Colour in text; NO_COLOR is honoured.")]

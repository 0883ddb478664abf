"""``ossig live``: the same diagnosis while the packets come.

On a terminal a view that is drawn anew, and the report at the end; into a pipe JSON Lines, a line each finding the
moment it is found and the run's own line at the end. Ctrl-C is the usual way to end: what was captured by then is still
analysed. What is explained at the end with all that was seen may differ from what was said at once; then JSON Lines
bring that finding again, with the same id.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.exits import code_of, ended, say
from analyzer.cli.forms import form_of
from analyzer.cli.options import ColorOption, Force, KeyLogs, LanguageOption, Output, Redact, SecretFile
from analyzer.cli.output import check_output, path_value
from analyzer.cli.settings import Color, Format, language
from analyzer.model.errors import CannotRead, Fault
from analyzer.model.notes import Wire, note
from analyzer.model.secrets import Secret

if TYPE_CHECKING:
    from analyzer.capture.live.source import LiveSource
    from analyzer.model.secrets import SecretBook

__all__ = ["Typed", "live_command", "spelled_out"]

PORT = 80


class With(StrEnum):
    """Who captures."""

    AUTO = "auto"
    DUMPCAP = "dumpcap"
    TCPDUMP = "tcpdump"
    SOCKETS = "sockets"


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed."""

    filter: str
    interfaces: tuple[str, ...]
    pipe: bool
    ports: tuple[int, ...]
    remote: str | None
    engine: With
    buffer: int
    save: str | None
    save_size: int
    save_files: int
    findings: int | None
    duration: float | None
    count: int | None
    format: Format | None
    output: str | None
    force: bool
    language: str
    keylogs: tuple[str, ...]
    secret_file: str | None
    color: Color
    redact: bool


def live_command(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILTER",
            help="Capture filter in libpcap's language, as for tcpdump; or - to read a capture from standard input.",
            show_default=False,
        ),
    ] = None,
    interface: Annotated[
        list[str] | None,
        typer.Option(
            "--interface",
            "-i",
            metavar="IFACE",
            help="Interface to capture on; may be repeated. any: all of them (when none is given); list: show them.",
        ),
    ] = None,
    port: Annotated[
        list[int] | None,
        typer.Option(
            "--port",
            metavar="PORT",
            min=1,
            max=65535,
            help="TCP ports to look at where there is no FILTER; may be repeated. When none is given: 80, and any "
            "other on which HTTP is seen.",
            show_default=False,
        ),
    ] = None,
    remote: Annotated[
        str | None, typer.Option("--remote", metavar="USER@HOST", help="Capture on that machine: tcpdump over ssh.")
    ] = None,
    engine: Annotated[With, typer.Option("--with", help="Who captures; auto takes the first that may.")] = With.AUTO,
    buffer: Annotated[
        int, typer.Option("--buffer", min=1, max=2048, metavar="MIB", help="The kernel's buffer for packets.")
    ] = 64,
    save: Annotated[
        str | None,
        typer.Option(
            "--save",
            metavar="DIR",
            help="Keep the last packets in DIR as a ring of capture files, and those around findings beyond that.",
        ),
    ] = None,
    save_size: Annotated[
        int, typer.Option("--save-size", min=1, metavar="MB", help="Size of a file in the ring.")
    ] = 100,
    save_files: Annotated[int, typer.Option("--save-files", min=2, metavar="N", help="Files in the ring.")] = 10,
    exit_on_finding: Annotated[
        int | None,
        typer.Option(
            "--exit-on-finding",
            min=1,
            metavar="[N]",
            help="End after N findings (1 when N is left out).",
            show_default=False,
        ),
    ] = None,
    duration: Annotated[
        str | None, typer.Option("--duration", metavar="SECONDS", help="End after so long.", show_default=False)
    ] = None,
    count: Annotated[int | None, typer.Option("--count", min=1, metavar="N", help="End after so many packets.")] = None,
    format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            help="Form of the report at the end. When not given, the ending of FILE tells it (.html, .md, .json, "
            ".jsonl), else text; without FILE, in a pipe, JSON Lines.",
        ),
    ] = None,
    output: Output = None,
    force: Force = False,
    lang: LanguageOption = None,
    keylog: KeyLogs = None,
    secret_file: SecretFile = None,
    color: ColorOption = Color.AUTO,
    redact: Redact = False,
) -> None:
    """Say why requests are refused while it happens.

    Ctrl-C ends the capture and gives the report.

    \b
    Examples:
      ossig live -i eth0
      ossig live -i any --port 80 --port 8080 --save /var/tmp/oss
      ossig live -i eth0 host 118.31.219.217 --exit-on-finding
      ossig live --remote user@host -i eth0
      sudo tcpdump -i any -U -w - port 80 | ossig live -

    Exit codes: 0 nothing wrong found, 1 failures found, 2 wrong usage, 3 the input could not be read, 4 not everything
    could be seen and no failure found, 5 no permission to capture.
    """
    given = tuple(words or ())
    typed = Typed(
        "" if given == ("-",) else " ".join(given),
        tuple(interface or ()),
        given == ("-",),
        tuple(port or ()),
        remote,
        engine,
        buffer,
        save,
        save_size,
        save_files,
        exit_on_finding,
        None,
        count,
        format,
        output,
        force,
        language(lang),
        tuple(keylog or ()),
        secret_file,
        color,
        redact,
    )
    raise typer.Exit(ended(lambda: _run(replace(typed, duration=_seconds(duration))), typed.language))


def spelled_out(arguments: Sequence[str]) -> list[str]:
    """``--exit-on-finding`` without a number means 1; the word behind it may belong to the filter."""
    if not arguments or arguments[0] != "live":
        return list(arguments)
    made: list[str] = []
    for index, word in enumerate(arguments):
        following = arguments[index + 1] if index + 1 < len(arguments) else ""
        made.append("--exit-on-finding=1" if word == "--exit-on-finding" and not following.isdigit() else word)
    return made


def _run(typed: Typed) -> int:
    if "list" in typed.interfaces:
        from analyzer.cli.interfaces import show_interfaces

        return show_interfaces(typed.format, typed.language)

    from analyzer.cli.keys import GrowingKeyLogs, read_secrets
    from analyzer.cli.live_output import MAX_EXPLAINED, LiveOutput

    typed = replace(typed, format=form_of(Format, typed.format, typed.output))
    _no_file(typed.filter)
    check_output(typed.output, typed.force, ("-" if typed.pipe else None, *typed.keylogs, typed.secret_file))
    secrets, warnings = read_secrets(typed.secret_file, os.environ)
    for warning in warnings:
        say(warning, typed.language)
    keys = GrowingKeyLogs(typed.keylogs, os.environ)
    _warm_up(secrets)

    from analyzer.pipeline import Options, follow

    source = _opened(typed)
    with LiveOutput(typed, source, secrets, keys.recent) as shown:
        options = Options(
            secrets=secrets,
            keylogs=(keys() or Secret(b""),) if keys else (),
            max_findings=MAX_EXPLAINED,
            clock=time.monotonic,
        )
        report = follow(source, options, found=shown.found, progress=shown.progress, keys=keys if keys else None)
        shown.report(report)
    return code_of(report)


def _seconds(text: str | None) -> float | None:
    """A length of time as it was typed; ``Fault`` where it is none."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < math.inf:
        raise Fault(note("cli.no-number", text=Wire(os.fsencode(text))))
    return seconds


def _no_file(words: str) -> None:
    """A capture where a filter belongs: who typed it wants it read (``Fault``)."""
    if not os.path.isfile(words):
        return
    from analyzer.capture.inputs import is_capture

    with open(words, "rb") as file:
        if is_capture(file.read(1 << 16)):
            raise Fault(note("cli.filter-is-capture", path=path_value(words)))


def _warm_up(secrets: SecretBook) -> None:
    """What the first finding would otherwise wait for."""
    if secrets:
        import oss2  # noqa: F401
    import analyzer.report.view  # noqa: F401


def _opened(typed: Typed) -> LiveSource:
    from analyzer.capture.live.children import Wanted
    from analyzer.capture.live.filters import default_filter, ports_filter
    from analyzer.capture.live.pump import Limits
    from analyzer.capture.live.source import ENGINES, Saving, open_live, open_pipe

    limits = Limits(typed.count, typed.duration)
    saving = Saving(typed.save, typed.save_size * 1_000_000, typed.save_files) if typed.save is not None else None
    if typed.pipe:
        from analyzer.cli.incoming import STANDARD_INPUT, standard_input

        stream = standard_input([STANDARD_INPUT], typed.language)
        if stream is None:
            raise CannotRead(note("capture.no-stdin"))
        return open_pipe(stream, saving=saving, limits=limits)
    wanted = Wanted(typed.interfaces or ("any",), typed.filter, typed.buffer, typed.remote)
    learn = not typed.filter and not typed.ports
    filters = None if typed.filter else default_filter if learn else ports_filter
    return open_live(
        wanted,
        ports=typed.ports or (PORT,),
        learn=learn,
        engines=ENGINES if typed.engine is With.AUTO else (typed.engine.value,),
        saving=saving,
        limits=limits,
        arguments=sys.argv[1:],
        filters=filters,
    )

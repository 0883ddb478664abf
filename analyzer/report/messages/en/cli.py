"""Words of the command line: what stops a run, and what it warns of."""

MESSAGES: dict[str, str] = {
    "cli.interrupted": "interrupted.",
    "cli.out-of-memory": "out of memory. Smaller captures, or fewer at a time, may get through.",
    "cli.unforeseen": "this should not have happened: {kind} at {place}. Please report it, with the command line and "
    "what OSSIG_DEBUG=1 adds (look through it first: it may hold captured values).",
    "cli.output-is-directory": "{path} is a directory; name a file to write to.",
    "cli.output-no-directory": "the directory {path} does not exist.",
    "cli.output-exists": "{path} exists; --force overwrites it.",
    "cli.output-is-input": "{path} is one of the inputs; nothing is written over it, also not with --force.",
    "cli.output-failed": "{path} could not be written: {reason}.",
    "cli.stdout-failed": "standard output could not be written: {reason}.",
    "cli.stdout-closed": "standard output could not be written: it is closed.",
    "cli.form-contradicts": "{path} tells another form than `--format {form}`; leave one of them out.",
    "cli.form-not-written": "{path} tells a form that this command does not write; it writes {forms}. `ossig report` "
    "writes .zip.",
    "cli.half-a-key-pair": "{present} is set but {missing} is not; the key pair of the environment is left out.",
    "cli.secret-file-unreadable": "the secret file {path} could not be read: {reason}.",
    "cli.secret-file-large": "{path} is too large for a secret file.",
    "cli.secret-file-open": "{path} can be read by every user of this machine; `chmod 600` closes it.",
    "cli.secret-file-line": "line {line} of {path} is not ACCESS_KEY_ID:SECRET.",
    "cli.secret-file-empty": "{path} holds no ACCESS_KEY_ID:SECRET line.",
    "cli.keylog-unreadable": "the key log {path} could not be read: {reason}.",
    "cli.one-standard-input": "standard input can be only one of the two captures.",
    "cli.paste-here": "paste what you have (error answer, exception, request, log), then {keys}.",
    "cli.paste-unreadable": "{path} could not be read: {reason}.",
    "cli.progress.search": "Secret check: {tried} of at most {limit} signatures tried",
    "cli.progress.packets": "{count} packets",
    "cli.progress.failures": "{count} refused",
}

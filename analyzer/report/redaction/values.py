"""One value at a time: kept where a table row allows it, else its words replaced.

``Values`` is the memory of one redaction: the words and addresses met, what was replaced (for the last gate and the
manifest), what was kept, and the digests that were computed anew. Every method takes bytes as they stood somewhere on
the wire and gives the bytes that stand there now; a value gets the same pseudonym wherever and however it is spelled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from analyzer.model.notes import Kind
from analyzer.oss.endpoints import read_host
from analyzer.oss.subresources import table
from analyzer.report.gate import CREDENTIALS
from analyzer.report.redaction.addresses import AddressBook
from analyzer.report.redaction.names import PREFIXES
from analyzer.report.redaction.policy import RedactionPolicy
from analyzer.report.redaction.spelling import spelled
from analyzer.report.redaction.tables import (
    HEADERS,
    REGION,
    Row,
    Rule,
    header_row,
    is_known_name,
    is_known_parameter,
    looks_like,
    parameter_row,
)
from analyzer.report.redaction.vocabulary import HOST_WORDS, METHODS, PRODUCT_WORDS, SENTENCE_WORDS
from analyzer.report.redaction.words import Words

__all__ = ["Met", "Values"]

_FOLD = re.compile(rb"\r?\n[ \t]*")
_ABSOLUTE = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*://)([^/?#]*)", re.DOTALL)
_TOKEN = re.compile(rb"[^\s/,;:=\"'&?<>()]+")
_NAMES = re.compile(rb"[A-Za-z][A-Za-z0-9_-]{0,80}(?:[;,]\s*[A-Za-z][A-Za-z0-9_-]{0,80}){0,80}|")
_LISTED = re.compile(rb"[A-Za-z0-9_-]+")
_CHUNK = re.compile(rb"[0-9A-Za-z\x80-\xff]+")
#: A name and password before a host, wherever a URL stands in a name.
_USERINFO = re.compile(rb"(^|//)([^/?#]*)(?=@)")
#: What a signed URL holds, in a name that swallowed one.
_ASSIGNED = re.compile(
    rb"(\b((?:OSS|AWS)?AccessKeyId|(?:x-oss-|x-amz-)?(?:Signature|Security-Token|Credential))=)([^&?\s]*)",
    re.IGNORECASE,
)
_HOST_FORM = re.compile(rb"[0-9A-Za-z\x80-\xff._-]{1,255}")
_IPV4 = re.compile(rb"(?<![/0-9.])\d{1,3}(?:\.\d{1,3}){3}(?![0-9.])")
#: Stretches of a sentence that are read as a whole: our endpoints, addresses, regions; then single words.
_IN_SENTENCE = re.compile(
    rb"(?P<ip>\d{1,3}(?:\.\d{1,3}){3})|(?P<region>\b" + REGION + rb"\b)|(?P<word>[0-9A-Za-z\x80-\xff]+)"
)
#: What holds no blank and may hold a host name; taken whole, so that every byte is looked at once.
_RUN = re.compile(rb"[0-9A-Za-z\x80-\xff.-]+")
_HOST_BYTES = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-"
_DOMAIN = b".aliyuncs.com"
#: Rules that read percent escapes themselves, or for which there are none.
_WHOLE = frozenset({Rule.SIGNED, Rule.NUMBERS, Rule.POLICY, Rule.PACKED})
_MARKUP = b"amp;"
_ENDING = re.compile(rb"(?:\.(?:pcap|pcapng|cap|dmp|pcap\d{1,4}))(?:\.(?:gz|zst|xz|bz2))?\Z", re.IGNORECASE)
_NUMBERED = re.compile(rb"\d{1,4}(?:" + _ENDING.pattern + rb")?", re.IGNORECASE)
_DIGITS = re.compile(rb"\d+")
_ZERO = re.compile(rb"^(-?)0(?=\d)")  #: JSON allows it nowhere
#: How the ids of temporary credentials begin; without it they would be no ids at all.
_TEMPORARY = re.compile(rb"(?:STS|TMP)\.")
_OUR_WORDS = SENTENCE_WORDS | PRODUCT_WORDS
_VERSIONED = re.compile(r"(?<=[a-z])\d{1,2}\Z")  #: ``python3``, ``urllib3``
_LONG_NUMBER = 14
#: From this length on, the beginning of a replaced word gives it away (messages cut long values).
_CUT = 8


@dataclass(frozen=True, slots=True)
class Met:
    """Values that earlier turns removed, and their words. ``credentials``: those that somebody could act with; they are
    kept nowhere. ``values``: all; they are kept in no name."""

    credentials: frozenset[bytes] = frozenset()
    values: frozenset[bytes] = frozenset()


class Values:
    """What one redaction knows. ``names``: lower-case header names met in the exchanges, which are kept."""

    def __init__(
        self,
        policy: RedactionPolicy,
        turn: int = 0,
        prefixes: Iterable[str] = (),
        met: Met | None = None,
    ) -> None:
        self.policy = policy
        self._met = met or Met()
        self._names: dict[bytes, bytes] = {}
        self.renamed = False  #: a name was replaced
        self.words = Words(turn, prefixes)
        self.removed: dict[Kind, set[bytes]] = {}
        self.kept: set[bytes] = set()
        self._files: dict[bytes, bytes] = {}
        self.issued: set[bytes] = set()
        self.exact: dict[bytes, bytes] = {}  #: header and parameter values as they stood → as they stand now
        self.digests: dict[bytes, bytes] = {}  #: a digest as somebody wrote it → the same of what stands there now
        self.names: set[bytes] = set()
        self.addresses = AddressBook(self._address)
        self._known_parameters = table().union
        self._rules: dict[Rule, Callable[[Row, bytes], bytes]] = {
            Rule.PRODUCT: self._product,
            Rule.SENTENCE: self._sentence,
            Rule.HOST: lambda row, data: self.host(data),
            Rule.NAMES: lambda row, data: self.name_list(row.kind, data),
            Rule.DIGEST: self._digest,
        }

    def learn(self, rules: Mapping[Rule, Callable[[Row, bytes], bytes]]) -> None:
        """Rules for texts that are made of values, by those who know such texts."""
        self._rules.update(rules)

    # What others ask ------------------------------------------------------------------------------------------------

    def header(self, name: bytes, raw: bytes) -> bytes:
        """Value of a header."""
        return self.by_row(header_row(name), raw)

    def name(self, raw: bytes) -> bytes:
        """Name of a header, element or member: a known or plain one stays, of another the words are replaced. Where a
        header lost its colon and one behind it was taken, what stands between is its value."""
        known = self._names.get(raw)
        if known is None:
            known = self._names[raw] = self._new_name(raw)
        return known

    def _new_name(self, raw: bytes) -> bytes:
        if is_known_name(raw) and not self._is_met(raw):
            return raw
        first, blank, rest = raw.partition(b" ")
        if blank and first.lower() in HEADERS:
            new = first + blank + self.by_row(header_row(first), rest)
        else:
            start = len(next(filter(raw.lower().startswith, PREFIXES), b""))
            new = raw[:start] + self.worded(Kind.HEADER_VALUE, raw[start:])
            self._note(Kind.HEADER_VALUE, raw)
        self.renamed = True
        self.exact.setdefault(raw, new)
        self.exact.setdefault(raw.lower(), new.lower())
        return new

    def name_list(self, kind: Kind, data: bytes) -> bytes:
        """Names with commas or semicolons between them."""
        if _NAMES.fullmatch(data) is None:
            return self.worded(kind, data)
        return _LISTED.sub(lambda found: self.name(found[0]), data)

    def _is_met(self, name: bytes) -> bool:
        """The name, or a word of it, is a value that another turn removed."""
        lower = name.lower()
        bare = lower[len(next(filter(lower.startswith, PREFIXES), b"")) :]
        return not self._met.values.isdisjoint((lower, bare, *_CHUNK.findall(lower)))

    def by_row(self, row: Row, raw: bytes, *, entities: bool = False) -> bytes:
        """A value under a row of the tables."""
        if row.rule is Rule.RESOURCE:
            new = self.target(raw, entities=entities)
        else:
            piece = spelled(raw, entities=entities, escapes=row.rule not in _WHOLE)
            new = piece.write(self._plainly(row, piece.data))
        self.exact.setdefault(raw, new)
        return new

    def replaced(self, kind: Kind, raw: bytes, *, entities: bool = False) -> bytes:
        """Every word of ``raw`` replaced, whatever it is; names of buckets and keys as the policy says."""
        piece = spelled(raw, entities=entities)
        return piece.write(self.worded(kind, piece.data))

    def worded(self, kind: Kind, data: bytes) -> bytes:
        """``data``, which stands for itself, with every word replaced, or kept as the policy says."""
        if self.policy.keeps(kind):
            return self._name(data)
        start = _TEMPORARY.match(data) if kind is Kind.ACCESS_KEY_ID else None
        kept = start.end() if start is not None else 0
        new = data[:kept] + self.words.replace(data[kept:])
        if new != data:
            self._note(kind, data)
            self.issued.add(new)
        return new

    def target(self, raw: bytes, *, entities: bool = False) -> bytes:
        """A request target or resource: absolute form or path, and query."""
        absolute = _ABSOLUTE.match(raw)
        start = absolute.end() if absolute is not None else 0
        mark = raw.find(b"?", start)
        end = mark if mark >= 0 else len(raw)
        head = absolute[1] + self._authority(absolute[2]) if absolute is not None else b""
        path = self.path(raw[start:end], entities=entities)
        return head + path + (b"?" + self.query(raw[mark + 1 :], entities=entities) if mark >= 0 else b"")

    def path(self, raw: bytes, *, entities: bool = False) -> bytes:
        """A path with bucket or key in it. Behind a question mark that was escaped stands a query like any other."""
        piece = spelled(raw, entities=entities)
        path, mark, query = piece.data.partition(b"?")
        new = self.worded(Kind.OBJECT_KEY, path)
        if new != path and not self.policy.keeps(Kind.OBJECT_KEY):
            for segment in path.split(b"/"):
                self._note(Kind.OBJECT_KEY, segment)
            self.issued.update(new.split(b"/"))
        return piece.write(new + mark + self._swallowed(query))

    def query(self, raw: bytes, *, in_order: bool = False, entities: bool = False) -> bytes:
        """A query string. ``in_order``: where its parameters stood sorted, they do so afterwards."""
        pairs = raw.split(b"&")
        new = [self.parameter(pair, entities=entities) for pair in pairs]
        if in_order and pairs == sorted(pairs):
            new.sort()
        return b"&".join(new)

    def parameter(self, raw: bytes, *, entities: bool = False) -> bytes:
        """``name=value`` or ``name``."""
        name, equals, value = raw.partition(b"=")
        piece = spelled(name, entities=entities)
        plain = piece.data
        start = _MARKUP if plain.startswith(_MARKUP) else b""  # a URL that went through HTML once
        bare = plain[len(start) :]
        known = is_known_parameter(bare, self._known_parameters)
        new_name = name if known else piece.write(start + self.worded(Kind.QUERY_VALUE, bare))
        return new_name + equals + (self.by_row(parameter_row(bare), value, entities=entities) if value else b"")

    def host(self, data: bytes) -> bytes:
        """Host names and addresses, comma lists of them, ports and blanks kept. User and password before them are
        replaced."""
        info, at, hosts = data.rpartition(b"@")
        return self._userinfo(info) + at + b",".join([self._padded_host(part) for part in hosts.split(b",")])

    def met(self) -> Met:
        """What the next turn has to know."""
        acting = {value for kind in CREDENTIALS for value in self.removed.get(kind, ())}
        every = frozenset[bytes]().union(*self.removed.values())
        return Met(self._met.credentials | _known_by(acting), self._met.values | _known_by(every))

    def method(self, raw: bytes) -> bytes:
        """A method: one of the known ones, in any case, or a word like any other."""
        return raw if raw.upper() in METHODS else self.replaced(Kind.METHOD, raw)

    def public(self, raw: bytes) -> bytes:
        """A value that somebody calls harmless: replaced where it is known not to be."""
        if raw in self.kept or raw in self.exact:
            return self.exact.get(raw, raw)
        if self._is_removed(raw):
            return self.words.replace(raw)
        return _CHUNK.sub(self._if_known, _TOKEN.sub(self._if_known, raw))

    def keep(self, data: bytes) -> bytes:
        """``data`` stays, without the credentials of earlier turns."""
        new = _CHUNK.sub(self._if_met, data) if self._met.credentials else data
        if new == data:
            self.kept.add(data)
        return new

    def number(self, row: Row, raw: bytes, digits: int) -> bytes:
        """A number of JSON: kept up to so many digits where it is no credential, else one as long."""
        if row.kind not in CREDENTIALS and (len(raw) <= digits or looks_like(row.rule, raw)):
            return raw
        new = _DIGITS.sub(lambda found: self.worded(row.kind, found[0]), raw)
        return _ZERO.sub(rb"\g<1>1", new)

    def _if_met(self, found: re.Match[bytes]) -> bytes:
        return self.words.replace(found[0]) if found[0].lower() in self._met.credentials else found[0]

    def loose(self, raw: bytes) -> bytes:
        """A header or parameter value of unknown name: dates and media types stay."""
        if looks_like(Rule.DATE, raw) or looks_like(Rule.MEDIA, raw) or looks_like(Rule.TOKENS, raw):
            return raw
        return self.replaced(Kind.HEADER_VALUE, raw)

    def file(self, path: bytes) -> bytes:
        """A file name on the user's machine: numbered, its ending kept."""
        if path in (b"-", b""):
            return path
        known = self._files.get(path)
        if known is None:
            ending = _ENDING.search(path)
            known = b"capture-%d%s" % (len(self._files) + 1, ending[0] if ending is not None else b"")
            self._files[path] = known
            for part in (path, *path.replace(b"\\", b"/").split(b"/")):
                if _NUMBERED.fullmatch(part) is None:  # says nothing, and stands inside ``capture-1.pcap``
                    self._note(Kind.PATH, part)
        return known

    # Rules ----------------------------------------------------------------------------------------------------------

    def _plainly(self, row: Row, data: bytes) -> bytes:
        new = self.digests.get(data)
        if new is not None:
            return new
        if looks_like(row.rule, _FOLD.sub(b" ", data).strip()):
            return self.keep(data)
        rule = self._rules.get(row.rule)
        return rule(row, data) if rule is not None else self.worded(row.kind, data)

    def _name(self, data: bytes) -> bytes:
        """A name that stays, without what does not belong to names: the parts of a signed URL, a password."""
        name, mark, query = data.partition(b"?")
        bare = _USERINFO.sub(lambda f: f[1] + (self._userinfo(f[2]) if b":" in f[2] else f[2]), name)
        bare = _ASSIGNED.sub(lambda found: found[1] + self.by_row(parameter_row(found[2]), found[3]), bare)
        return self.keep(bare) + mark + self._swallowed(query)

    def _swallowed(self, query: bytes) -> bytes:
        """A query inside a name, which is as long as before."""
        new = self.query(query)
        return new if len(new) == len(query) else self.words.replace(query)

    def _userinfo(self, data: bytes) -> bytes:
        """``user:password``, or a token alone."""
        user, colon, password = data.partition(b":")
        kind = Kind.HEADER_VALUE if colon else Kind.TOKEN
        return self.worded(kind, user) + colon + self.worded(Kind.TOKEN, password)

    def _note(self, kind: Kind, data: bytes) -> None:
        if data:
            self.removed.setdefault(kind, set()).add(data)

    def _address(self, address: bytes, new: bytes) -> None:
        self._note(Kind.ADDRESS, address)
        self.issued.add(new)

    def _digest(self, row: Row, data: bytes) -> bytes:
        """``"ETAG"``, ``W/"ETAG"``, bare; lists of them."""
        return re.sub(rb'[^\s",]+', lambda found: self._one_digest(row, found[0]), data)

    def _one_digest(self, row: Row, data: bytes) -> bytes:
        new = self.digests.get(data)
        return new if new is not None else self.worded(row.kind, data)

    def _product(self, row: Row, data: bytes) -> bytes:
        plain = _IPV4.sub(self._ip, data)
        new = _CHUNK.sub(lambda found: self._unless_in(PRODUCT_WORDS, row.kind, found[0], 6), plain)
        if new == data:
            self.kept.add(data)
        return new

    def _ip(self, found: re.Match[bytes]) -> bytes:
        return self.addresses.text(found[0]) or found[0]

    def _unless_in(self, words: frozenset[str], kind: Kind, word: bytes, digits: int) -> bytes:
        if _DIGITS.fullmatch(word) and len(word) <= digits:
            return word
        text = word.decode("latin-1").lower()
        if text in words or (words is PRODUCT_WORDS and _VERSIONED.sub("", text) in words):
            return word
        return self.worded(kind, word)

    def _sentence(self, row: Row, data: bytes) -> bytes:
        def piece(found: re.Match[bytes]) -> bytes:
            text = found[0]
            if found["ip"]:
                return self._ip(found)
            if found["region"] or looks_like(Rule.DATE, text):
                return text
            return self._unless_in(SENTENCE_WORDS, row.kind, text, _LONG_NUMBER)

        def run(found: re.Match[bytes]) -> bytes:
            text = found[0]
            end = text.rfind(_DOMAIN) + len(_DOMAIN)
            if end < len(_DOMAIN):
                return _IN_SENTENCE.sub(piece, text)
            start = len(text[:end].rstrip(_HOST_BYTES))
            before, after = (_IN_SENTENCE.sub(piece, part) for part in (text[:start], text[end:]))
            return before + self.host(text[start:end]) + after

        return _RUN.sub(run, data)

    def _authority(self, raw: bytes) -> bytes:
        piece = spelled(raw)
        return piece.write(self.host(piece.data))

    def _padded_host(self, part: bytes) -> bytes:
        bare = part.strip()
        if not bare:
            return part
        at = part.find(bare)
        return part[:at] + self._host(bare) + part[at + len(bare) :]

    def _host(self, host: bytes) -> bytes:
        address = self.addresses.text(host)
        if address is not None:
            return address
        name, colon, port = host.rpartition(b":")
        if not colon or not port.isdigit():
            name, colon, port = host, b"", b""
        address = self.addresses.text(name) if colon else None
        if address is not None:
            return address + colon + port
        if self.policy.keep_names:
            form = _HOST_FORM.fullmatch(name)
            return (self.keep(name) if form is not None else self.worded(Kind.HEADER_VALUE, name)) + colon + port
        return self._labels(name) + colon + port

    def _labels(self, name: bytes) -> bytes:
        """A bucket before an endpoint is replaced, the endpoint stays; of other names only public labels stay."""
        endpoint = read_host(name)
        if endpoint.kind not in ("other", "ip", "local", "privatelink", "cloudbox"):
            cut = len(endpoint.bucket) if endpoint.bucket is not None else 0
            return self.worded(Kind.BUCKET, name[:cut]) + name[cut:]
        if name.lower() == b"localhost":
            return name
        first, *rest = name.split(b".")
        new = b".".join([self.words.replace(first), *map(self._label, rest)])
        if new != name:
            self._note(Kind.HOST, name)
            self._note(Kind.HOST, first)
            self.issued.update((new, new.partition(b".")[0]))
        return new

    def _label(self, label: bytes) -> bytes:
        public = label.decode("latin-1").lower() in HOST_WORDS or looks_like(Rule.REGION, label)
        return label if public else self.words.replace(label)

    def _if_known(self, found: re.Match[bytes]) -> bytes:
        if found[0] in self.exact:
            return self.exact[found[0]]
        return self.words.replace(found[0]) if self._is_removed(found[0]) else found[0]

    def _is_removed(self, word: bytes) -> bool:
        if len(word) < 4 or word.decode("latin-1").lower() in _OUR_WORDS:
            return False
        if word in self.issued:
            return False
        if any(word in values for values in self.removed.values()):
            return True
        return len(word) >= _CUT and self.words.knows(word.decode("utf-8", "replace"))


def _known_by(values: Iterable[bytes]) -> set[bytes]:
    """The values and their words that stand nowhere by chance, in lower case."""
    lower = {value.lower() for value in values}
    return lower | {word for value in lower for word in _CHUNK.findall(value) if len(word) >= _CUT}

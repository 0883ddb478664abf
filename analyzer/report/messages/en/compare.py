"""Words of the comparison of two captures."""

MESSAGES: dict[str, str] = {
    # the run
    "compare.run.signed": "{broken} of {pairs:request|requests} had something signed, or the body, changed on the way; "
    "{changed:was|were} changed at all.",
    "compare.run.unsigned": "{changed} of {pairs:request|requests} changed on the way, in nothing that is signed.",
    "compare.run.same": "{pairs:request is|requests are} the same on both sides, byte for byte.",
    "compare.run.same-so-far": "{pairs:request is|requests are} the same on both sides, as far as both captures hold "
    "them.",
    "compare.run.nothing-matched": "No request of the one capture could be found in the other.",
    "compare.run.found": "{failing:request|requests} failed; {traits:trait sets|traits set} failing and working "
    "requests apart.",
    "compare.run.none-failed": "No request failed in either run.",
    "compare.seen.client": "client side: {path}: {packets:packet|packets}, {exchanges:HTTP exchange|HTTP exchanges}",
    "compare.seen.server": "server side: {path}: {packets:packet|packets}, {exchanges:HTTP exchange|HTTP exchanges}",
    "compare.seen.first": "first run: {path}: {packets:packet|packets}, {exchanges:HTTP exchange|HTTP exchanges}",
    "compare.seen.second": "second run: {path}: {packets:packet|packets}, {exchanges:HTTP exchange|HTTP exchanges}",
    "compare.way.traffic": "Compared as the same traffic: the captures share {ids:request id|request ids}, "
    "{signatures:signature|signatures}, and {dates:request|requests} with target, body and date.",
    "compare.way.traffic-forced": "Compared as the same traffic, as asked for.",
    "compare.way.empty": "One of the captures holds no HTTP exchange that could be read.",
    "compare.way.runs": "Compared as two runs: the captures share no request id, no signature and no dated request.",
    "compare.way.runs-forced": "Compared as two runs, as asked for.",
    "compare.offset.ahead": "The second capture sees a request {seconds} s later by its own clock (median of "
    "{pairs:certain pair|certain pairs}).",
    "compare.offset.behind": "The second capture sees a request {seconds} s earlier by its own clock (median of "
    "{pairs:certain pair|certain pairs}).",
    # labels
    "compare.side.first": "first run",
    "compare.side.second": "second run",
    "compare.side.client": "client side",
    "compare.side.server": "server side",
    "compare.label.matched": "matched by",
    "compare.label.field": "field",
    "compare.label.value": "what stood there",
    "compare.label.side": "side",
    "compare.label.pair": "pair",
    "compare.label.before": "before",
    "compare.label.after": "after",
    "compare.label.how": "difference",
    "compare.label.run": "run",
    "compare.label.client": "User-Agent",
    "compare.label.works": "works",
    "compare.label.fails": "fails",
    "compare.label.only-in": "only at",
    "compare.label.reason": "why it has no partner",
    "compare.sighting": "{time}, frames {frames}, {client} → {server}",
    "compare.ambiguous-pair": "(ambiguous: {count:other fits|others fit} as well; taken in order of time)",
    "compare.heading.verdict": "What happened between",
    "compare.heading.request": "Request: {count:change|changes}",
    "compare.heading.answer": "Answer: {count:change|changes}",
    "compare.heading.others": "The same happened to {count:more request|more requests}:",
    "compare.heading.unmatched": "Seen in one capture only",
    "compare.heading.agents": "Who ran, and how it went",
    "compare.heading.traits": "What sets failing requests apart",
    "compare.heading.diagnosis": "What the failing requests say for themselves",
    "compare.direction.answer": "on its way from the server to the client",
    "compare.evidence.request-id": "request id",
    "compare.evidence.signature": "signature",
    "compare.evidence.date": "target, body and date",
    "compare.evidence.content": "target and body",
    "compare.evidence.target": "target and time",
    "compare.evidence.body": "body",
    "compare.evidence.shape": "kind of request, and order",
    "compare.moved": "{names} moved",
    "compare.how.order": "order",
    "compare.how.value": "value",
    "compare.how.case": "upper and lower case of the value",
    "compare.how.name-case": "spelling of the name",
    "compare.how.blanks": "blanks",
    "compare.how.folding": "line folding",
    "compare.how.line-end": "line ends",
    "compare.how.joined": "several headers joined into one",
    "compare.how.split": "one header split into several",
    "compare.how.escapes": "escapes only, decoded it is the same",
    "compare.how.form": "written form",
    "compare.how.length": "length",
    "compare.how.content": "content",
    "compare.how.coding": "same content, packed otherwise",
    "compare.signed.breaks": "signed, breaks the signature",
    "compare.signed.covered": "signed",
    "compare.signed.not": "not signed",
    "compare.body": "{length:byte|bytes}, MD5 {md5}",
    "compare.body-unknown": "{length:byte|bytes} seen, not all captured",
    # one pair
    "compare.verdict.signed-changed": "Something that is signed was changed on the way",
    "compare.verdict.body-changed": "The body was changed on the way",
    "compare.verdict.signed-anew": "The request was signed anew on the way, or its signature was changed",
    "compare.verdict.unsigned-changed": "Changed on the way, in nothing that changes the string to sign",
    "compare.verdict.answer-changed": "The request is the same on both sides; the answer was changed on the way back",
    "compare.verdict.unchanged": "The content is the same on both sides, byte for byte",
    "compare.verdict.unchanged-so-far": "The head is the same on both sides, byte for byte; the body could not be "
    "compared",
    "compare.verdict.not-whole": "The head of the request is not whole in one of the captures: it was not compared",
    "compare.remedy.not-whole": "Capture again with `tcpdump -s0`, and without loss.",
    "compare.no-signature": "The request carries no signature.",
    "compare.signed-unknown": "Which bucket the host stands for is not on the wire; the server took the request.",
    "compare.verdict.both-work": "Both requests work",
    "compare.verdict.both-fail": "Both requests fail",
    "compare.verdict.first-fails": "The first run's request fails, the second's works",
    "compare.verdict.second-fails": "The first run's request works, the second's fails",
    "compare.hop.between": "Between the two places: behind {near}, where the client's capture saw it go, and before "
    "{far}, from where the server's capture saw it come.",
    "compare.hop.same-connection": "Both captures show the same connection, {client} → {server}: something that is no "
    "end of it changes its bytes.",
    "compare.hop.legs": "{path} holds both legs of the way: what came in at {near} went out from {far}.",
    "compare.added": "{field} was added: {after}",
    "compare.removed": "{field} was taken away: {before}",
    "compare.changed": "{field}: {before} became {after}",
    "compare.changed-body": "{field} is another one",
    "compare.coded-body": "{field} has the same content, packed otherwise",
    "compare.reordered": "{field}: {names} moved",
    "compare.more-changes": "… and {count:more change|more changes}.",
    "compare.signed-but-same": "The string to sign is the same with and without these changes.",
    "compare.nothing-signed": "None of this is part of the string to sign.",
    "compare.body-differs": "Length or digest of the body differs between the two sides.",
    "compare.body-digest-signed": "A digest of the body is signed: the server checks it and refuses the body.",
    "compare.far-is-server": "The string to sign of the server's side is the server's StringToSignBytes, byte for "
    "byte; that of the client's side differs from it in {fields} and nowhere else.",
    "compare.far-is-server-hash": "The server hashed exactly the canonical request of the server's side; that of the "
    "client's side differs from it in {fields} and nowhere else.",
    "compare.far-is-text": "The string to sign of the server's side is the server's StringToSign as its text shows "
    "it; that of the client's side differs from it in {fields}.",
    "compare.near-is-server": "The server computed over the client's side: what the second capture shows was undone "
    "behind it.",
    "compare.neither-is-server": "The server computed over something that neither side shows: it was changed once "
    "more behind the second capture.",
    "compare.both-are-server": "Both sides give exactly the string that the server computed over.",
    "compare.secret-both": "The secret makes the signature sent over either side's string.",
    "compare.secret-near": "The secret makes the signature sent over the client's side, and not over the server's: "
    "the client signed what it sent.",
    "compare.secret-far": "The secret makes the signature sent over the server's side, and not over the client's: the "
    "client signed what the server got.",
    "compare.secret-none": "The secret makes the signature sent over neither side: the client signed something else, "
    "or with another secret.",
    "compare.accepted-all-the-same": "Against it: the server took the request all the same.",
    "compare.not-a-mismatch": "The answer does not speak of the signature.",
    "compare.not-why-refused": "So these changes are not why the signature was refused.",
    "compare.remedy.leave-alone": "Use HTTPS from the client to OSS, so that nothing on the way can edit the request; "
    "or tell the proxy to leave these alone: {fields}.",
    "compare.remedy.body": "Use HTTPS, or turn off whatever rewrites bodies on the way (compression, virus scanners, "
    "image optimisers).",
    "compare.remedy.anew": "Look at what signs on the way: its access key, its clock, and which headers it signs. The "
    "client's signature no longer counts.",
    "compare.remedy.answer": "Use HTTPS, or tell the proxy to pass answers on unchanged.",
    "compare.remedy.behind": "The way between the two captures is innocent. Capture nearer to the server: something "
    "behind the second place changed the request.",
    "compare.remedy.client": "The way is innocent: the server read what was sent. Look at the client: `ossig FILE` on "
    "either capture, with `--secret-file` where the secret is at hand.",
    "compare.remedy.either": "The way between the two captures is innocent. Look at the client with `ossig FILE`, or "
    "capture nearer to the server.",
    "compare.strings.all-same": "The same on both sides, and the server's own, byte for byte.",
    "compare.strings.same-not-server": "The same on both sides; the server's own is another one.",
    "compare.strings.same": "The same on both sides; the server's own is not known.",
    "compare.strings.far-is-server": "The server's side equals the server's own; the client's side differs:",
    "compare.strings.differ-not-server": "The two sides differ, and the server's own is neither that of its side:",
    "compare.strings.differ": "The two sides differ; the server's own is not known:",
    "compare.strings.unknown": "It could not be rebuilt on both sides.",
    # what is left
    "compare.reason.outside": "the other capture was not running then",
    "compare.reason.answered-on-the-way": "answered on the way: the answer is not from OSS",
    "compare.reason.left-out": "may be among those left out of the other capture",
    "compare.reason.taken": "like {count:request|requests} of the other capture, each matched better",
    "compare.reason.gaps": "the other capture is not whole",
    "compare.reason.not-found": "not in the other capture: no id, signature, target or body fits",
    "compare.reason.no-request": "the request itself is not in the capture",
    "compare.swapped": "The answers take longer in the second capture: it seems to be the client's side. Give the "
    "client's capture first.",
    "compare.ambiguous": "{count:pair is|pairs are} ambiguous: equal requests, told apart by their order alone.",
    "compare.no-offset": "No pair is certain enough to tell the clocks of the two captures apart; times were not used.",
    "compare.legs": "{count:request was|requests were} seen twice in one capture, on both sides of a hop; these legs "
    "are compared, too.",
    "compare.left-out": "Capture {side}: {count:exchange|exchanges} beyond the limits were left out.",
    "compare.more-pairs": "{count:more changed pair|more changed pairs} beyond the limits were only counted.",
    "compare.more-groups": "… and {count:more kind|more kinds} of change; `--format json` has all.",
    "compare.more-unmatched": "… and {count:more|more}; `--format json` has the first ones.",
    "compare.more-traits": "… and {count:more trait|more traits}; `--format json` has more.",
    # runs
    "compare.traits.caution": "This is a correlation, no proof: whatever is other between the runs shows up here.",
    "compare.trait.present": "{field} ({value}): in {failing} of {all_failing} failing, {working} of {all_working} "
    "working requests",
    "compare.trait.missing": "{field} ({value}) is missing: in {failing} of {all_failing} failing, {working} of "
    "{all_working} working requests",
    "compare.trait.value": "{field}: {value} in all {all_failing} failing, {other} in all {all_working} working "
    "requests",
    "compare.trait.spelling": "{field} is spelled {value} in all {all_failing} failing, {other} in all {all_working} "
    "working requests",
    "compare.trait.order": "{field}: {value} in all {all_failing} failing, {other} in all {all_working} working "
    "requests",
    "compare.trait.mark": "{field}: {mark}, in {failing} of {all_failing} failing, {working} of {all_working} working "
    "requests",
    "compare.trait.no-mark": "{field} without: {mark}, which {working} of {all_working} working requests have",
    "compare.trait.signed": "— signed",
    "compare.trait.not-signed": "— not signed",
    "compare.runs.cause": "{cause}, first cause of {count:failing request|failing requests}",
    "compare.runs.see-diagnosis": "`ossig FILE` on the failing run explains this in full.",
    "compare.runs.none-fails": "Nothing fails in either run: there is nothing to tell apart.",
    "compare.runs.none-works": "Nothing works in either run: there is nothing to hold the failures against.",
    "compare.runs.nothing-alike": "No failing request has a working one of its kind in the other run: all are held "
    "against all, and the traits say little.",
}

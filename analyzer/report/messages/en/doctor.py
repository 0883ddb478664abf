"""Words about the local machine."""

MESSAGES: dict[str, str] = {
    "doctor.right": "Nothing is wrong on this machine.",
    "doctor.warnings": "Nothing is wrong on this machine; {count:warning|warnings}.",
    "doctor.wrong": "{count:thing is|things are} wrong on this machine.",
    "doctor.examined": "Examined: Python {version} at {path}, {system}.",
    "doctor.examined-no-python": "Examined: {system}; no Python could be asked.",
    "doctor.no-connection": "No connection was opened; `--clock URL` compares this clock with a server's.",
    "doctor.verdict.ok": "ok",
    "doctor.verdict.warning": "warning",
    "doctor.verdict.wrong": "wrong",
    "doctor.verdict.unknown": "unknown",
    "doctor.python.unknown": "Python's packages could not be looked at.",
    "doctor.python.not-run": "{path}, named by --python, could not be run: {reason}.",
    "doctor.python.no-python": "{path}, named by --python, does not answer as a Python does.",
    "doctor.crcmod.missing": "The SDK is installed, and crcmod, which it needs, is not.",
    "doctor.crcmod.broken": "crcmod is installed and does not work ({problem}): the SDK fails or computes no CRC.",
    "doctor.crcmod.fast": "crcmod uses its C extension: CRC-64 at {fast} MB/s here, {slow} MB/s without it.",
    "doctor.crcmod.slow": (
        "crcmod runs without its C extension: CRC-64 at {slow} MB/s, and no upload or download by the SDK is faster "
        "than that."
    ),
    "doctor.crcmod.reinstall": (
        "Remove both (`pip uninstall crcmod crcmod-plus`), then install the one that your SDK needs: `crcmod` for "
        "oss2, `crcmod-plus` for alibabacloud-oss-v2."
    ),
    "doctor.crcmod.build": (
        "Install a C compiler and Python's headers (gcc, python3-dev or python3-devel), then `pip uninstall crcmod` "
        "and `pip install --no-cache-dir --no-binary crcmod crcmod`; `crcmod-plus` comes with it built."
    ),
    "doctor.owner.foreign": (
        "{package} is installed, and the folder `crcmod` does not hold its files: another package's stand there, or "
        "they were edited."
    ),
    "doctor.owner.mixed": (
        "crcmod and crcmod-plus are both installed into the folder `crcmod`, and its files are not whole of either."
    ),
    "doctor.owner.clobbered": (
        "crcmod and crcmod-plus are both installed into the folder `crcmod`; the files of {standing} stand there. It "
        "works until one of the two is removed or upgraded."
    ),
    "doctor.owner.keep": "Do not remove only one of them: remove both, then install the one that is needed.",
    "doctor.packages.none": "Neither an OSS SDK nor requests is installed in this Python.",
    "doctor.packages.versions": "Installed: {packages}.",
    "doctor.packages.upgrade": "`pip install -U {package}`",
    "doctor.known.leading-slash": "This oss2 does not escape a slash at the begin of a key: SignatureDoesNotMatch.",
    "doctor.known.token-unsigned": "This oss2 does not sign `security-token`: URLs signed with STS are refused.",
    "doctor.known.crc-always": "This oss2 checks a CRC-64 also where the answer has none.",
    "doctor.known.oss2-adds": "oss2 sets User-Agent itself and keeps requests from adding Accept-Encoding.",
    "doctor.known.requests-utf8": "This requests cannot send bodies that are not ASCII.",
    "doctor.known.requests-adds": (
        "requests adds Accept, Connection and Content-Length or Transfer-Encoding; none of them is signed."
    ),
    "doctor.known.urllib3-normalises": (
        "urllib3 resolves `.` and `..` in paths and writes escapes in capitals: sign the key as it will be sent."
    ),
    "doctor.added.signed": "requests puts {names} on a body of bytes by itself, and that is signed: requests fail.",
    "doctor.added.harmless": "On a body of bytes requests adds, as measured here: {names}. None of them is signed.",
    "doctor.rewritten": "urllib3 sends {after} for {before}, as measured here.",
    "doctor.proxy.none": "No proxy in the environment.",
    "doctor.proxy.bypassed": "{variable} names {proxy}; no_proxy keeps {host} out of it.",
    "doctor.proxy.used": (
        "{variable} names {proxy}: requests to {host} go through it, and it may change what is signed."
    ),
    "doctor.proxy.remedy": (
        "Use https, so that it cannot; or put {host} into no_proxy, and compare with a run without the proxy."
    ),
    "doctor.netrc": "The netrc file has an entry for {host}: requests replaces OSS's Authorization header by it.",
    "doctor.netrc.remedy": "Remove the entry, or set `session.trust_env = False`.",
    "doctor.clock.unknown": "The clock of {host} could not be asked ({reason}).",
    "doctor.clock.right": "This clock and that of {host} are {seconds:second|seconds} apart.",
    "doctor.clock.off": "This clock is {seconds:second|seconds} ahead of that of {host} (behind, where negative).",
    "doctor.clock.far": (
        "This clock is {seconds:second|seconds} ahead of that of {host} (behind, where negative); OSS refuses more "
        "than 900."
    ),
    "doctor.clock.no-url": "--clock takes an http or https address.",
    "doctor.clock.remedy": "Let the clock be set by NTP (`timedatectl set-ntp true`, `w32tm /resync`).",
    "doctor.capture.allowed": "You may capture here ({tool}).",
    "doctor.capture.denied": "You may not capture on this machine's interfaces; reading captures needs no right.",
    "doctor.capture.unknown": "Whether you may capture here shows only when you try; reading captures needs no right.",
    "doctor.capture.remedy-linux": (
        "`sudo setcap cap_net_raw,cap_net_admin=eip $(command -v dumpcap)`, or capture with `sudo tcpdump -s0 -w "
        "faild.pcap port 80`."
    ),
    "doctor.capture.remedy-macos": (
        "Install ChmodBPF (it comes with Wireshark), or capture with `sudo tcpdump -s0 -w faild.pcap port 80`."
    ),
    "doctor.capture.remedy-windows": "Install Npcap and Wireshark, or run the capture as administrator.",
    "doctor.fork.set": "OBJC_DISABLE_INITIALIZE_FORK_SAFETY is YES: a process with threads may fork.",
    "doctor.fork.unset": (
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY is not set: a program that forks while threads run (multiprocessing "
        "beside an upload with threads) is killed by macOS."
    ),
    "doctor.fork.remedy": (
        "`export OBJC_DISABLE_INITIALIZE_FORK_SAFETY=YES` before Python starts, or use the start method spawn."
    ),
}

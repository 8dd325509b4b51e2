"""`python -m tests.soak.guided TARGET DIRECTORY SECONDS`: look for inputs that break it.

libFuzzer's rule (atheris): what takes a new path through the instrumented modules is
kept and varied. DIRECTORY keeps it from one run to the next. What breaks a property is
in DIRECTORY/found afterwards, and the exit status is not 0.
"""

import logging
import os
import sys
from importlib import import_module
from pathlib import Path

import atheris

_INSTRUMENTED = ["monlvs"]
_MEGABYTES = 1024


def main(name: str, directory: Path, seconds: float) -> None:
    """Fuzz until the time is over; ends the process."""
    logging.disable(logging.CRITICAL)
    with atheris.instrument_imports(include=_INSTRUMENTED):
        target = import_module(f"tests.soak.targets.{name}").TARGET
    corpus, found = directory / "corpus", directory / "found"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = directory / "words"
    words.write_text("".join(f'"{_spelled(word)}"\n' for word in target.words))

    arguments = [
        sys.argv[0],
        f"-max_total_time={seconds:.0f}",
        f"-max_len={target.longest}",
        f"-dict={words}",
        f"-artifact_prefix={found}{os.sep}",
        f"-rss_limit_mb={_MEGABYTES}",
        "-timeout=20",
        "-print_final_stats=1",
        str(corpus),
    ]
    atheris.Setup(arguments, target.examine_in_time)
    atheris.Fuzz()


def _spelled(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))

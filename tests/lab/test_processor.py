"""The guest kernel gets along with every processor."""

import hashlib
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from monlvs.lab import Guest, GuestOptions, find_kernel, processor
from monlvs.lab.processor import fitted, needs_room, with_room

SETTING = b"\x48\xc7\x45\xf8\x88\x0a\0\0\xbf\x05\x42\0\0"
"""movq $2696, -8(%rbp); mov $0x4205, %edi"""
GETTING = b"\x48\xc7\x45\xf8\x88\x0a\0\0\xbf\x04\x42\0\0"

HASHING = """
import hashlib, threading
found = set()
def digest():
    for _ in range(20):
        found.add(hashlib.sha256(bytes(range(256)) * 2000).hexdigest())
threads = [threading.Thread(target=digest) for _ in range(4)]
for each in threads: each.start()
for each in threads: each.join()
print(*found)
"""


def auxv(tmp_path: Path, *pairs: tuple[int, int]) -> Path:
    path = tmp_path / "auxv"
    path.write_bytes(b"".join(struct.pack("@LL", *pair) for pair in (*pairs, (0, 0))))
    return path


@pytest.mark.parametrize(
    ("frame", "needs"), [(1440, False), (3632, False), (11_952, True)]
)
def test_a_processor_is_judged_by_the_frame_of_a_signal(
    tmp_path: Path, frame: int, *, needs: bool
) -> None:
    assert needs_room(auxv(tmp_path, (33, 1 << 40), (51, frame), (6, 4096))) is needs


def test_a_host_that_does_not_tell_has_a_usual_processor(tmp_path: Path) -> None:
    assert not needs_room(auxv(tmp_path, (6, 4096)))


def test_one_number_is_changed_and_nothing_else() -> None:
    before = b"\x90" * 50 + GETTING + b"\xc3" * 50 + SETTING + b"\x90" * 50

    after = with_room(before)

    assert after is not None
    assert len(after) == len(before)
    changed = [at for at in range(len(before)) if before[at] != after[at]]
    begin = before.index(SETTING) + 4
    assert set(changed) <= set(range(begin, begin + 4))
    assert int.from_bytes(after[begin : begin + 4], "little") >= 11_008


@pytest.mark.parametrize(
    "image", [b"", GETTING, SETTING * 2], ids=["nothing", "only getting", "two places"]
)
def test_a_kernel_that_looks_otherwise_is_left_as_it_is(image: bytes) -> None:
    assert with_room(image) is None


@pytest.mark.parametrize("image", [b"another kernel", SETTING])
def test_a_usual_processor_runs_the_kernel_of_the_system(
    tmp_path: Path, image: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = tmp_path / "linux.uml"
    binary.write_bytes(image)
    monkeypatch.setattr(processor, "needs_room", lambda: False)

    assert fitted(binary, tmp_path) == binary
    assert binary.read_bytes() == image


def test_an_unknown_kernel_runs_as_it_is_on_any_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = tmp_path / "linux.uml"
    binary.write_bytes(b"another kernel")
    monkeypatch.setattr(processor, "needs_room", lambda: True)

    assert fitted(binary, tmp_path / "nowhere") == binary


@pytest.mark.lab
def test_the_kernel_of_this_machine_has_the_place() -> None:
    assert with_room(find_kernel().binary.read_bytes()) is not None


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processor, "needs_room", lambda: True)
        running = Guest.boot(GuestOptions(memory=192))
    yield running
    running.close()


@pytest.mark.lab
def test_registers_survive_threads_that_share_a_fitted_guest(guest: Guest) -> None:
    argv = [guest.options.python, "-c", HASHING]
    answer = guest.ask("run", host=None, argv=argv, timeout=60.0).result(90)

    expected = hashlib.sha256(bytes(range(256)) * 2000).hexdigest()
    assert (answer["stdout"], answer["stderr"]) == (f"{expected}\n", "")

"""Make the guest kernel run on processors with more registers than it has room for.

User-mode linux 6.1 fetches and sets a guest process's floating-point registers with
ptrace(2), NT_X86_XSTATE, and states 2,696 bytes for them (HOST_FP_SIZE,
arch/x86/um/user-offsets.c): enough up to AVX-512. A host whose processor has AMX gives
that much, but takes all of its 11,008 or none (xstateregs_set,
arch/x86/kernel/fpu/regset.c), and the guest dies at its first process. docs/decisions,
0019.
"""

import re
import struct
from pathlib import Path
from typing import Final

AUXV: Final = Path("/proc/self/auxv")
_AT_MINSIGSTKSZ: Final = 51
"""linux/auxvec.h: the bytes of a signal's frame, all registers among them."""
_ROOM: Final = 4096
"""A frame with what the guest kernel has room for takes less, one with AMX 11,952."""
_STATED: Final = 2696
_ENOUGH: Final = 1 << 16
"""The host takes no more of a size than it has registers for."""
_SETTING: Final = re.compile(
    # movq $2696, length(%rbp); mov $PTRACE_SETREGSET, %edi: before the call of ptrace
    b"\xc7\x45.("
    + re.escape(struct.pack("<I", _STATED))
    + b").{0,16}?\xbf\x05\x42\0\0",
    re.DOTALL,
)


def needs_room(auxv: Path = AUXV) -> bool:
    """Say whether this processor has more registers than the guest kernel believes.

    `auxv` is the auxiliary vector that getauxval(3) describes.
    """
    words = memoryview(auxv.read_bytes())
    whole = words[: len(words) // 16 * 16]
    return any(
        kind == _AT_MINSIGSTKSZ and size > _ROOM
        for kind, size in struct.iter_unpack("@LL", whole)
    )


def with_room(image: bytes) -> bytes | None:
    """Return a kernel's image that states all registers where it sets them.

    What it reads beyond its own copy says nothing: the copy's header tells the host
    which registers it holds, and no guest process may use those of AMX. None: nothing
    in `image` looks like that place, or more than one does.
    """
    match list(_SETTING.finditer(image)):
        case [place]:
            begin, end = place.span(1)
            return image[:begin] + struct.pack("<I", _ENOUGH) + image[end:]
        case _:
            return None


def fitted(binary: Path, folder: Path) -> Path:
    """Return the kernel to run here: `binary`, or a copy in `folder` with more room.

    A later kernel, which asks the host for the size, is left as it is. Raises OSError.
    """
    if not needs_room():
        return binary
    image = with_room(binary.read_bytes())
    if image is None:
        return binary
    copy = folder / binary.name
    copy.write_bytes(image)
    copy.chmod(0o755)
    return copy

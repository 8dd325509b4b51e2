"""The secret of two directors is long enough and theirs alone."""

from pathlib import Path

import pytest

from monlvs.server.secret import SecretError, read_secret


def written(folder: Path, text: bytes, mode: int = 0o640) -> str:
    path = folder / "secret"
    path.write_bytes(text)
    path.chmod(mode)
    return str(path)


def test_white_space_around_it_does_not_count(tmp_path: Path) -> None:
    assert read_secret(written(tmp_path, b" 0123456789abcdef\n")) == b"0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        (b"short\n", 0o640, "expected a secret of 16 to 4096 bytes, not 5"),
        (b"x" * 5000, 0o600, "expected a secret of 16 to 4096 bytes, not 4097"),
        (b"0123456789abcdef", 0o644, "others may use it: expected chmod 640"),
        (b"0123456789abcdef", 0o602, "others may use it"),
    ],
)
def test_what_is_none_is_said(tmp_path: Path, text: bytes, mode: int, why: str) -> None:
    with pytest.raises(SecretError, match=why):
        read_secret(written(tmp_path, text, mode))


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="nowhere: No such file or directory"):
        read_secret(f"{tmp_path}/nowhere")

"""crypt(3) by way of the system's library."""

import pytest

from monlvs.server.hashes import matches

HASHES = {
    "DES": "abNANd1rDfiNc",
    "MD5": "$1$saltsalt$9xy1btjgzLYfb7hivXtC//",
    "SHA-256": "$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA",
    "SHA-512": "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5k"
    "nV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
}


@pytest.mark.parametrize("hashed", HASHES.values(), ids=HASHES)
def test_the_password_matches_and_no_other_does(hashed: str) -> None:
    assert matches("secret", hashed)
    assert not matches("Secret", hashed)
    assert not matches("", hashed)


@pytest.mark.parametrize("hashed", ["", "x", "secret", "*", "*0", "!!", "$6$", "a\0b"])
def test_what_is_no_hash_matches_nothing(hashed: str) -> None:
    assert not matches("secret", hashed)
    assert not matches("", hashed)


def test_passwords_that_crypt_cannot_take_match_nothing() -> None:
    assert not matches("sec\0ret", HASHES["DES"])
    assert not matches("x" * 10_000, HASHES["SHA-512"])
    assert not matches("\udcff", HASHES["SHA-512"])

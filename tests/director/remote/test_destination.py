"""How people call a host that they log in to."""

import pytest

from monlvs.director.remote.destination import Destination, read_destination


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rs1", Destination(host="rs1")),
        ("root@rs1:2222", Destination(host="rs1", user="root", port=2222)),
        ("192.168.1.2:22", Destination(host="192.168.1.2", port=22)),
        ("fd00::2", Destination(host="fd00::2")),
        ("a@[fd00::2]:2222", Destination(host="fd00::2", user="a", port=2222)),
        ("[fd00::2]", Destination(host="fd00::2")),
        ("d@corp@rs1", Destination(host="rs1", user="d@corp")),
    ],
)
def test_a_destination_is_read_and_told_again(text, expected):
    assert read_destination(text) == expected
    assert read_destination(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "@rs1", "root@", "-oProxyCommand=id", "a b", "rs1;id", "[fd00::2", "[x]y", "$(id)", "-u@rs1", "rs1\n"],
)  # fmt: skip
def test_what_names_no_host_is_refused(text):
    with pytest.raises(ValueError, match="expected"):
        read_destination(text)


@pytest.mark.parametrize("text", ["rs1:", "rs1:0", "rs1:ssh", "rs1:65536", "rs1:²"])
def test_what_is_no_port_is_refused(text):
    with pytest.raises(ValueError, match="expected a port"):
        read_destination(text)

"""A large configuration is read in little time, and what is alike in it is one object."""

import time

from monlvs.config.reading import parse


def block(number):
    servers = ", ".join(f'"10.1.{number}.{n}"' for n in range(1, 11))
    return (
        f'[[lvs]]\nname = "web{number}"\nvip = "10.100.{number}.1:80"\nkind = "nat"\n'
        f'servers = [{servers}]\ncheck = ["http", "tcp"]\nmail = "ops@example.org"\n'
        'interval = "15s"\n'
    )


def test_checks_that_are_spelled_alike_are_one_object_and_so_are_addresses():
    config, problems = parse(block(1) + block(2), "x")

    assert not problems
    assert len({id(s.monitor) for _, s in config.services().values()}) == 2
    for watch in config.watches:
        assert len({id(s.periods[0]) for s in watch.services}) == 1
    servers = [spec.server for d in config.virtual_services for spec in d.servers]
    guarded = [guard.entry.server for guard in config.guards]
    assert {id(s.address) for s in servers} == {id(s.address) for s in guarded}


def test_a_thousand_servers_with_two_checks_each_are_read_in_seconds():
    text = "".join(map(block, range(100)))
    parse(block(1), "x")  # what has to be imported
    began = time.process_time()
    config, problems = parse(text, "x")

    assert len(config.services()) == 2000
    assert not problems
    assert time.process_time() - began < 3, "about 0.2 s on a machine of 2024"

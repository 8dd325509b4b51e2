"""Who is let in, and who has to go for it."""

from monlvs.server.door import PATIENCE, AllowedClients, Door


def test_there_is_room_for_as_many_as_the_limit() -> None:
    door = Door(2)
    for address in ("a", "b"):
        guest, leaving = door.admit(address, now=0.0)
        assert guest is not None
        assert leaving is None
    assert len(door) == 2


def test_a_full_house_of_clients_that_are_heard_of_refuses() -> None:
    door = Door(1)
    door.admit("a", now=0.0)
    assert door.admit("b", now=PATIENCE / 2) == (None, None)


def test_a_newcomer_gets_the_place_of_the_longest_silent_one() -> None:
    door = Door(2)
    first, _ = door.admit("a", now=0.0)
    door.admit("a", now=1.0)
    guest, leaving = door.admit("a", now=1.0 + PATIENCE)
    assert guest is not None
    assert leaving is first
    assert first is not None
    assert first.told_to_go
    assert len(door) == 2


def test_the_address_with_the_most_clients_gives_way() -> None:
    door = Door(3)
    lonely, _ = door.admit("lonely", now=0.0)
    crowd = [door.admit("crowd", now=1.0)[0] for _ in range(2)]
    guest, leaving = door.admit("new", now=10.0)
    assert guest is not None
    assert leaving in crowd
    assert leaving is not lonely


def test_an_address_with_many_clients_drives_no_other_one_out() -> None:
    door = Door(3)
    door.admit("lonely", now=0.0)
    for _ in range(2):
        guest, _ = door.admit("crowd", now=0.0)
        assert guest is not None
        guest.busy = True
    assert door.admit("crowd", now=100.0) == (None, None)


def test_who_is_being_answered_is_never_driven_out() -> None:
    door = Door(1)
    guest, _ = door.admit("a", now=0.0)
    assert guest is not None
    guest.busy = True
    assert door.admit("b", now=100.0) == (None, None)


def test_a_place_that_is_given_back_is_free() -> None:
    door = Door(1)
    guest, _ = door.admit("a", now=0.0)
    assert guest is not None
    door.leave(guest)
    assert door.admit("b", now=0.0)[0] is not None


def test_without_a_pattern_everybody_may_come() -> None:
    assert "192.0.2.1" in AllowedClients(None)
    assert None not in AllowedClients(None)


def test_a_pattern_has_to_match_the_whole_address() -> None:
    allowed = AllowedClients(r"192\.0\.2\.1")
    assert "192.0.2.1" in allowed
    assert "192.0.2.10" not in allowed

"""The machine looked after in a daemon: what is told, when, and what rests; no root."""

from ipaddress import ip_interface

from monlvs.director.machine.events import MachineChanged, MachineRefused, MachineRight
from monlvs.director.machine.record import Done
from monlvs.director.machine.settings import DeviceAddress, Module, Setting
from monlvs.director.machine.state import Plan, Step, Verb
from monlvs.model.config import Config
from monlvs.runtime.machine import StepRefusal
from monlvs.runtime.machinewords import machine_sentence
from monlvs.runtime.upkeep import REST, Upkeep

MODULE = Module(name="ip_vs_rr")
VIP = DeviceAddress(interface=ip_interface("192.0.2.1/32"), device="eth0", virtual=True)


def step(setting: Setting) -> Step:
    return Step(verb=Verb.MAKE, done=Done(setting=setting), why="it is needed")


class Room:
    """A keeper whose machine does what the test says, and who is told of it."""

    def __init__(self) -> None:
        self.wanted: dict[Setting, bool] = {}
        self.refuses: set[Setting] = set()
        self.obstacles: tuple[str, ...] = ()
        self.fault: OSError | None = None
        self.tried: list[Setting | str] = []
        self.events: list[object] = []
        self.clock = 0.0
        self.upkeep = Upkeep(
            self,  # type: ignore[arg-type]
            now=lambda: self.clock,
            on_event=self.events.append,
        )

    def plan(self, _: Config) -> Plan:
        if self.fault is not None:
            raise self.fault
        missing = [step(each) for each, there in self.wanted.items() if not there]
        return Plan(
            before=tuple(each for each in missing if each.vip is None),
            after=tuple(each for each in missing if each.vip is not None),
            obstacles=self.obstacles,
        )

    def words(self, each: Step) -> str:
        return f"make {type(each.setting).__name__}"

    def carry_out(self, steps: list[Step], _: Config) -> tuple[StepRefusal, ...]:
        refusals = []
        for each in steps:
            self.tried.append(each.setting)
            if each.setting in self.refuses:
                refusals.append(StepRefusal(step=each, why="no", as_root=True))
            else:
                self.wanted[each.setting] = True
        return tuple(refusals)

    async def keep(self) -> list[object]:
        async def table_pass() -> None:
            self.tried.append("table")

        self.tried.clear()
        self.events.clear()
        await self.upkeep.keep(Config(), table_pass)
        return self.events


async def test_the_table_comes_before_a_vip_and_only_then() -> None:
    room = Room()
    room.wanted = {VIP: False, MODULE: False}
    events = await room.keep()
    assert room.tried == [MODULE, "table", VIP]
    assert [type(each) for each in events] == [MachineChanged, MachineChanged]
    assert await room.keep() == []
    assert room.tried == []


async def test_what_is_refused_is_told_once_rests_and_is_told_when_it_is_over() -> None:
    room = Room()
    room.wanted, room.refuses = {MODULE: False, VIP: False}, {MODULE}
    told, *_ = await room.keep()
    assert told == MachineRefused(command="make Module", why="no", as_root=True)
    assert room.wanted[VIP], "it does not stop the others"
    assert room.upkeep.refused == (told,)
    assert "root can: `monlvs director apply` while no daemon runs" in str(told)

    assert await room.keep() == []
    assert room.tried == []
    room.clock += REST + 1
    assert await room.keep() == []
    assert room.tried == [MODULE]

    room.wanted[MODULE] = True
    assert await room.keep() == [MachineRight(refused=(told,))]
    assert room.upkeep.refused == ()


async def test_what_is_spoiled_again_is_made_again() -> None:
    room = Room()
    room.wanted = {VIP: True}
    assert await room.keep() == []
    room.wanted[VIP] = False
    (event,) = await room.keep()
    level, words = machine_sentence(event) or (0, "")
    assert (level, words) == (30, "machine: make DeviceAddress (it is needed)")


async def test_a_machine_that_cannot_be_read_is_told_once_and_when_it_can() -> None:
    room = Room()
    room.wanted, room.fault = {VIP: False}, PermissionError(13, "Permission denied")
    (told,) = await room.keep()
    assert str(told) == "it: Permission denied"
    assert await room.keep() == []
    room.fault = None
    right, changed = sorted(await room.keep(), key=lambda each: type(each).__name__,
                            reverse=True)  # fmt: skip
    assert right == MachineRight(refused=(told,))
    assert isinstance(changed, MachineChanged)


async def test_an_obstacle_is_told_once_for_as_long_as_it_lasts() -> None:
    room = Room()
    room.obstacles = ("192.0.2.1 is in the network of no device",)
    (told,) = await room.keep()
    assert str(told) == room.obstacles[0]
    assert await room.keep() == []
    room.obstacles = ()
    assert await room.keep() == [MachineRight(refused=(told,))]

"""What the parts of a daemon ask of each other."""

from collections.abc import Iterator
from pathlib import Path

from monlvs.config import load
from monlvs.daemon.life import running
from monlvs.model.status import OpStatus
from monlvs.runtime.state import read, spell


async def test_what_is_long_in_the_saved_state_is_made_while_it_is_spelled(
    tmp_path: Path,
) -> None:
    """Ten thousand services made at once would hold up the loop for half a second."""
    file = tmp_path / "mon_lvs.toml"
    file.write_text(
        f'[settings]\nstate_dir = "{tmp_path}/state"\npid_file = "{tmp_path}/pid"\n'
        'table = "memory"\n\n[[lvs]]\nname = "web"\nvip = "192.0.2.1:9"\nkind = "nat"\n'
        'servers = ["127.9.9.9"]\ncheck = "tcp"\ninterval = "1m"\n'
    )
    config, problems = load(str(file))
    assert config is not None, problems
    async with running(config) as daemon:
        taken = daemon.state._take()
        lazy = {name for name, value in taken.items() if isinstance(value, Iterator)}
        text = "".join(spell(taken))
    (tmp_path / "spelled.json").write_text(text)
    spelled, trouble = read(tmp_path / "spelled.json")

    assert lazy == {"services", "ledger", "pools"}
    assert trouble is None
    assert [each["opstatus"] for each in spelled["services"]] == [OpStatus.UNTESTED]

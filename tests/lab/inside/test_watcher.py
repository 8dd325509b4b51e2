"""What counts as the table, and what is only traffic."""

from monlvs.lab.inside.watcher import essence

DUMP = """\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  C0A8016E:0050 rr persistent 300
  -> C0A80103:0050      Route   1      {active}          {inactive}
"""


def test_counts_of_connections_are_left_out() -> None:
    quiet = essence(DUMP.format(active=0, inactive=0))
    assert quiet == [
        "TCP C0A8016E:0050 rr persistent 300",
        "-> C0A80103:0050 Route 1",
    ]
    assert essence(DUMP.format(active=17, inactive=401)) == quiet

"""What monlvs promises of its speed; `python -m bench --check` fails when one is missed."""

from bench.summary import Bar

BARS = (
    Bar(bench="http-closed", load=200, contender="engine", against="C floor", limit=1.5),
    Bar(bench="http-open", load=5_000, contender="monlvs", against="C floor", limit=2.3),
    Bar(bench="http-open", load=10_000, contender="monlvs", against="C floor", limit=2.3),
    Bar(bench="http-open", load=1_000, contender="monlvs", against="keepalived", limit=1.0),
    Bar(bench="http-open", load=5_000, contender="monlvs", against="keepalived", limit=1.0),
    Bar(bench="http-open", load=10_000, contender="monlvs", against="keepalived", limit=1.0),
    Bar(bench="tcp-closed", load=200, contender="engine", against="C floor", limit=2.0),
    Bar(bench="beside-mon", load=100, contender="monlvs", against="perl mon", limit=0.02),
    Bar(bench="beside-mon", load=100, contender="monlvs at 5,000/s", against="perl mon", limit=0.00333),
    Bar(bench="beside-mon", load=100, contender="monlvs, http.monitor", against="perl mon", limit=1.1),
    Bar(bench="intervals", load=1_000, contender="monlvs", limit=20, figure="off_p99_ms"),
    Bar(bench="intervals", load=1_000, contender="monlvs", limit=20, figure="drift_ms"),
    Bar(bench="icmp", load=10_000, contender="monlvs", against="fping", limit=0.6),
    Bar(bench="icmp", load=10_000, contender="monlvs", limit=0, figure="failed"),
    Bar(bench="timetable", load=10_000, contender="timetable", limit=5.0),
    Bar(bench="timetable", load=50_000, contender="timetable", limit=5.0),
    Bar(bench="storm-many", load=10_000, contender="monlvs", against="ipvsadm -R", limit=0.2),
    Bar(bench="storm-many", load=10_000, contender="monlvs", against="ipvsadm -R", limit=0.333, figure="wall_ms"),
    Bar(bench="storm-one", load=10_000, contender="monlvs", against="ipvsadm -R", limit=1.0, figure="wall_ms"),
    Bar(bench="storm-many", load=10_000, contender="monlvs apply", against="ipvsadm -R", limit=1.5, figure="wall_ms"),
    Bar(bench="storm-one", load=10_000, contender="monlvs apply", against="ipvsadm -R", limit=1.5, figure="wall_ms"),
    Bar(bench="replan-many", load=10_000, contender="monlvs", limit=200, figure="plan_ms"),
    Bar(bench="replan-one", load=10_000, contender="monlvs", limit=200, figure="plan_ms"),
    Bar(bench="replan-many", load=10_000, contender="monlvs", limit=50, figure="block_ms"),
    Bar(bench="replan-one", load=10_000, contender="monlvs", limit=50, figure="block_ms"),
)  # fmt: skip

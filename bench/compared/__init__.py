"""monlvs, keepalived and ldirectord on the same faults of one lab, side by side."""

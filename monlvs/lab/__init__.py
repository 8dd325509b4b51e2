"""A whole Linux Virtual Server in one process, without root.

A guest kernel (user-mode-linux) carries IPVS and one network namespace per
machine: client, director and real servers, joined by bridges. `Lab` boots and
builds it, runs commands on its hosts, pulls cables, and watches.
"""

from monlvs.lab.commands import CommandTimeoutError
from monlvs.lab.guest import Guest, GuestOptions
from monlvs.lab.kernel import Kernel, LabError, find_kernel
from monlvs.lab.lab import Lab
from monlvs.lab.process import Process
from monlvs.lab.records import Mail, Request, Result, TableChange, TableWatch, Word
from monlvs.lab.topology import CLIENT, DIRECTOR, PAIR, Kind, Topology, lay_out
from monlvs.lab.wiring import Cut

__all__ = [
    "CLIENT",
    "DIRECTOR",
    "PAIR",
    "CommandTimeoutError",
    "Cut",
    "Guest",
    "GuestOptions",
    "Kernel",
    "Kind",
    "Lab",
    "LabError",
    "Mail",
    "Process",
    "Request",
    "Result",
    "TableChange",
    "TableWatch",
    "Topology",
    "Word",
    "find_kernel",
    "lay_out",
]

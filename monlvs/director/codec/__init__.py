"""IPVS over generic netlink (linux/ip_vs.h) as values in and bytes out, and back.

What is encoded is what follows the netlink header of 16 bytes: the generic netlink
header and its attributes. Sockets, sequence numbers and errors are `netlink`'s.
"""

from monlvs.director.codec.decode import (
    DecodeError,
    Info,
    decode_destination,
    decode_info,
    decode_server_traffic,
    decode_service,
    decode_service_traffic,
    decode_sync,
    decode_timeouts,
)
from monlvs.director.codec.encode import (
    Timeouts,
    delete_server,
    delete_service,
    dump_servers,
    dump_services,
    dump_sync,
    flush,
    get_info,
    get_service,
    get_timeouts,
    new_server,
    new_service,
    set_server,
    set_service,
    set_timeouts,
    start_sync,
    stop_sync,
    zero,
)

__all__ = [
    "DecodeError",
    "Info",
    "Timeouts",
    "decode_destination",
    "decode_info",
    "decode_server_traffic",
    "decode_service",
    "decode_service_traffic",
    "decode_sync",
    "decode_timeouts",
    "delete_server",
    "delete_service",
    "dump_servers",
    "dump_services",
    "dump_sync",
    "flush",
    "get_info",
    "get_service",
    "get_timeouts",
    "new_server",
    "new_service",
    "set_server",
    "set_service",
    "set_timeouts",
    "start_sync",
    "stop_sync",
    "zero",
]

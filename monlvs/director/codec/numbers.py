"""The numbers of linux/ip_vs.h, "IPVS Generic Netlink interface definitions"."""

from enum import IntEnum
from typing import Final

FAMILY_NAME: Final = "IPVS"
VERSION: Final = 1


class Command(IntEnum):
    """IPVS_CMD_*."""

    NEW_SERVICE = 1
    SET_SERVICE = 2
    DEL_SERVICE = 3
    GET_SERVICE = 4
    NEW_DEST = 5
    SET_DEST = 6
    DEL_DEST = 7
    GET_DEST = 8
    NEW_DAEMON = 9
    DEL_DAEMON = 10
    GET_DAEMON = 11
    SET_CONFIG = 12
    GET_CONFIG = 13
    SET_INFO = 14
    GET_INFO = 15
    ZERO = 16
    FLUSH = 17


class CommandAttribute(IntEnum):
    """IPVS_CMD_ATTR_*: the first level."""

    SERVICE = 1
    DEST = 2
    DAEMON = 3
    TIMEOUT_TCP = 4
    TIMEOUT_TCP_FIN = 5
    TIMEOUT_UDP = 6


class ServiceAttribute(IntEnum):
    """IPVS_SVC_ATTR_*: inside SERVICE."""

    AF = 1
    PROTOCOL = 2
    ADDR = 3
    PORT = 4
    FWMARK = 5
    SCHED_NAME = 6
    FLAGS = 7
    TIMEOUT = 8
    NETMASK = 9
    STATS = 10
    PE_NAME = 11
    STATS64 = 12


class DestAttribute(IntEnum):
    """IPVS_DEST_ATTR_*: inside DEST."""

    ADDR = 1
    PORT = 2
    FWD_METHOD = 3
    WEIGHT = 4
    U_THRESH = 5
    L_THRESH = 6
    ACTIVE_CONNS = 7
    INACT_CONNS = 8
    PERSIST_CONNS = 9
    STATS = 10
    ADDR_FAMILY = 11
    STATS64 = 12
    TUN_TYPE = 13
    TUN_PORT = 14
    TUN_FLAGS = 15


class DaemonAttribute(IntEnum):
    """IPVS_DAEMON_ATTR_*: inside DAEMON."""

    STATE = 1
    MCAST_IFN = 2
    SYNC_ID = 3
    SYNC_MAXLEN = 4
    MCAST_GROUP = 5
    MCAST_GROUP6 = 6
    MCAST_PORT = 7
    MCAST_TTL = 8


class StatsAttribute(IntEnum):
    """IPVS_STATS_ATTR_*: inside STATS (32 bits) and STATS64."""

    CONNS = 1
    INPKTS = 2
    OUTPKTS = 3
    INBYTES = 4
    OUTBYTES = 5
    CPS = 6
    INPPS = 7
    OUTPPS = 8
    INBPS = 9
    OUTBPS = 10


class InfoAttribute(IntEnum):
    """IPVS_INFO_ATTR_*: the answer to GET_INFO."""

    VERSION = 1
    CONN_TAB_SIZE = 2


NESTED: Final = 0x8000
"""NLA_F_NESTED of linux/netlink.h."""
TYPE_MASK: Final = 0x3FFF
"""NLA_TYPE_MASK: the type without its two flags."""
FORWARD_MASK: Final = 0x0007
"""IP_VS_CONN_F_FWD_MASK."""

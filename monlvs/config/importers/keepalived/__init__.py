"""keepalived.conf: its virtual servers, as keepalived.conf(5) describes them."""

from monlvs.config.importers.keepalived.mapping import read

__all__ = ["read"]

"""Tables as ipvsadm spells them: `ipvsadm -S`, scripts of commands, and 1999's spelling.

`read` takes a text, `write` makes one; both are pure.
"""

from monlvs.director.rules.operands import Names
from monlvs.director.rules.reading import Rules, read
from monlvs.director.rules.writing import dropped, write

__all__ = ["Names", "Rules", "dropped", "read", "write"]

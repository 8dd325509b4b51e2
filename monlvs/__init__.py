"""monlvs keeps a Linux Virtual Server honest: it watches, it tells, it keeps the table true."""

__version__ = "0.1.0"

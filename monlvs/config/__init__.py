"""Spellings of a configuration, read into one `model.config.Config` or into problems.

toml → spelling (the file's shape) → resolve (the model) → rules (what spans objects).
moncf → lines of a mon.cf, with programs looked for (the same model, the same rules).
"""

from monlvs.config.reading import Source, load

__all__ = ["Source", "load"]

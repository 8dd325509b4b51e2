"""Spellings of a configuration, read into one `model.config.Config` or into problems.

toml → spelling (the file's shape) → resolve (the model) → rules (what spans objects).
Another format spells the same model and is checked by the same rules.
"""

from monlvs.config.reading import load

__all__ = ["load"]

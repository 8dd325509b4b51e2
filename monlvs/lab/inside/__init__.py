"""Programs that run inside the guest: each one file, standard library only.

They are started by file name with an isolated interpreter (`-I -S`), so that they
come up in a tenth of a second and depend on nothing that is being tested.
"""

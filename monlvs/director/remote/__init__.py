"""Real servers over SSH: who they are, what they have, what is done to them.

`destination` is how people call one; `session` is all that the rest knows of SSH, `ssh`
does it by asyncssh; `looking` reads a host by its own commands.
"""

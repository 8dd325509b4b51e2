"""What of an LVS's machines would black-hole clients' traffic: looked for, and told.

`look.sh` prints what a machine is like, here or at the other end of an SSH session;
`printed` reads that as a `Sight`; pure functions make findings of a configuration and
what was seen. Nothing here changes anything.
"""

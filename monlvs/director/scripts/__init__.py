"""The rc.ipvs_* scripts of the LVS-HOWTO for the kernels of today: plain sh.

`kinds` parts a configuration by the kinds of LVS, `calls` spells settings and the table
as calls of the functions in functions.sh, `writing` puts the scripts together. All of it
is pure; what only a host knows is found by the script when it runs there.
"""

"""The machine around the table: addresses, routes, rules, modules, kernel variables.

`settings` are what is wanted, `director_side` says it of the director; `surroundings`
and `state` are what is there, `difference` compares. `commands` spells a setting for
people and scripts; `doing` makes it so, and `record` remembers what was there before.
"""

"""Variant files of any caller, read as the VCF specification (4.1 to 4.5) means them.

`text` takes a file apart into lines and columns, `header` says what it states of itself,
`dialects` which fields of that caller hold what, and `records` makes rows of one form of them.
Every step that reads somebody else's variants reads only those rows.
"""

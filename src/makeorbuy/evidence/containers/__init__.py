"""How files hold rows: delimited text, workbook, JSON, XML, SQLite. One container, one file.

In: an opened file and how its owner says it is written. Out: a `makeorbuy.evidence.text.Table`, a
header and a stream of rows of text. A container knows nothing of what the columns mean.
"""

"""Files that registers are imported from and exported to: CSV, Excel (.xlsx) and GeoJSON. No database, no register.

Reading: `reading.read_rows` gives rows of cells and every bad row by line, column and reason; `columns.cells_to_values`
makes values of cells. Writing: `columns.values_to_cells`, then one of `writing`. What is written reads back the same.
All of it is work of the processor: under eventlet call it in a thread of the pool or a process of its own.
"""

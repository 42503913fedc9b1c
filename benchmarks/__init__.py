"""What is fast, measured beside a peer in one run: `make bench`, or `python -m benchmarks`.

Nothing here decides whether a test passes. Everything is run on copies of the sample's raw
workbooks in a temporary folder; only a table is printed.
"""

"""The demonstration: real places and schools, invented people, eight weeks of work.

Everything is made by the rooms' own verbs, so the demonstration's ledger verifies like any other.
"""

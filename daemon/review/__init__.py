"""The review page: a local page on which the user reads each draft, makes it theirs, and puts off or leaves out.

It runs while somebody looks, in a process of its own, and calls what the commands call. It never sends.
"""

"""
The rate limiter.

``limiter`` says which buckets a call needs, ``gcra`` is the algorithm, and each store has a file of its own.
"""

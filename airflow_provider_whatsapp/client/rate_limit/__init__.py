"""The rate limiter, its algorithm, and its stores."""

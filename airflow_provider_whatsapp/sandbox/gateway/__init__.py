"""The gateway in front of the Cloud API: key, rate limit, connections and request log."""

"""Is a wait over, and how."""

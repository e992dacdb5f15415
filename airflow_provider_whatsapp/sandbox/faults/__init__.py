"""Faults: calls that fail, hang or lose their response because a test said so."""

"""
Is a wait over, and how: one class for each thing that a sensor or a trigger waits for.

A wait is made of ids and names, checks them when it is made, and polls with a client.
"""

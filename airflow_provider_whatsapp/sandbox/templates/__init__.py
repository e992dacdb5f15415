"""Message templates: their definitions, their review, and what a send may fill in."""

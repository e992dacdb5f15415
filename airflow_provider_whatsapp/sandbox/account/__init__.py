"""The business account: its phone number and its business profile."""

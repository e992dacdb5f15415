"""The nouns of the API, one class each."""

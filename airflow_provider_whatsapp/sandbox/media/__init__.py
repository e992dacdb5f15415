"""Media: uploads, and the URLs to download them from."""

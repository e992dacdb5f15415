"""What all calls of the Graph API share: errors, JSON bodies, fields, pages and nodes."""

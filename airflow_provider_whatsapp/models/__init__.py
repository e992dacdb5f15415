"""What goes over the wire, one noun a module."""

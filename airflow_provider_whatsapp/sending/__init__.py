"""From arguments to a message, and the record that makes a send happen once."""

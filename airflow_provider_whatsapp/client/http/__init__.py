"""HTTP with the gateway: requests and responses as pure functions, and the transport, which does all I/O."""

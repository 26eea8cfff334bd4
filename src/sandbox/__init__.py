"""The local stack: everything that the service needs around it, on one machine."""

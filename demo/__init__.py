"""A day in the life of the service, played on a local stack of its own: `make demo`."""

"""Moving in from the predecessor's database, which is only read: `make import`."""

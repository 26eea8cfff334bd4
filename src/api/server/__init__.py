"""A connection becomes a request, and a request finds its route."""

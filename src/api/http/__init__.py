"""The shape of requests and answers."""

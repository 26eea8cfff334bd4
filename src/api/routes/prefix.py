"""The common prefix of the API's routes."""

PREFIX = "/api/v1"

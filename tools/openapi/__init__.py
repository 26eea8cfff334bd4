"""The OpenAPI document, made from the operations and the types that validate."""

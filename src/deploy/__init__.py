"""Brings a database to this version: migrations once, functions and privileges every time."""

"""Callers: users by their tokens, services by their keys, members by what mana-auth says."""

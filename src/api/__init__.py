"""The HTTP layer of mana-credits: identity, the shape of requests and answers, nothing else.

Every rule about credits lives in the database; each money route is one call of one SQL function.
"""

"""Calls that may be made: few users, guilds and keys, so that calls meet, any amounts."""

from decimal import Decimal

from hypothesis import strategies as st

from tests.model.refusals import Cap

USERS = ["u1", "u2", "u3"]
GUILDS = ["g1", "g2"]

users = st.sampled_from(USERS)
guilds = st.sampled_from(GUILDS)
keys = st.none() | st.sampled_from(["k1", "k2", "k3"])
references = st.sampled_from(["r1", "r2", "r3", "r4", "r5", "r6"])

# Round ones meet exactly; the others go to the last millionth.
amounts = st.sampled_from([Decimal(1), Decimal(2), Decimal(5), Decimal("0.5")]) | st.integers(
    1, 12_000_000
).map(lambda millionths: Decimal(millionths).scaleb(-6))
large_amounts = st.sampled_from([Decimal(10), Decimal(20), Decimal("33.333333")])
limits = st.none() | st.sampled_from([Decimal(0), Decimal(3), Decimal(10)])

hold_seconds = st.sampled_from([1, 60, 86_400, 2_592_000])
lifetimes = st.sampled_from([1, 60, 3_600, 86_400])
clock_moves = st.sampled_from([1, 30, 60, 1_800, 3_600, 43_200, 86_400, 2_678_400])

# An account is lifted more often than it is frozen.
freezes = st.sampled_from(["freeze", "unfreeze", "unfreeze"])

cents = st.sampled_from([0, 1, 100, 333, 500, 1000, 5000])
dispute_ids = st.sampled_from(["dp_1", "dp_2"])
dispute_statuses = st.sampled_from(["open", "won", "lost"])
failures = st.sampled_from(["processing", "failed", "cancelled"])

# In one way or another of writing it, everybody has the address of their name.
emails = st.sampled_from(["u1@example.org", "U1@Example.org", "u2@example.org"])
riddles = st.sampled_from(["The moon", "The sun"])

# A batch may ask for pools that are not there, and for nothing at all.
batched = st.tuples(users, amounts, keys) | st.tuples(users, st.just(Decimal(0)), st.none())
batched_of_pools = st.tuples(guilds | st.just("g3"), users, amounts, keys) | st.tuples(
    guilds, users, st.just(Decimal(0)), st.none()
)
batches = st.lists(batched, min_size=1, max_size=5)
batches_of_pools = st.lists(batched_of_pools, min_size=1, max_size=5)

# Most of the time there is none, and one that there is leaves most of it possible.
OPERATIONS = ["use", "use_guild", "refund", "grant", "reserve", "commit", "gift", "redeem", "erase"]
caps = st.none() | st.builds(
    Cap,
    operations=st.none() | st.lists(st.sampled_from(OPERATIONS), min_size=4).map(tuple),
    app_ids=st.sampled_from([None, ("chat",), ("chat", "unknown")]),
    max_amount=st.sampled_from([None, Decimal(5)]),
    max_amount_per_day=st.sampled_from([None, Decimal(3), Decimal(20)]),
)

"""What may be asked: few users, guilds and keys, so that calls meet, and amounts of any size."""

from decimal import Decimal

from hypothesis import strategies as st

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

hold_seconds = st.sampled_from([1, 60, 900, 604_800])
lifetimes = st.sampled_from([1, 60, 3_600, 86_400])
clock_moves = st.sampled_from([1, 30, 60, 1_800, 3_600, 43_200, 86_400, 2_678_400])

cents = st.sampled_from([0, 1, 100, 333, 500, 1000, 5000])
dispute_ids = st.sampled_from(["dp_1", "dp_2"])
dispute_statuses = st.sampled_from(["open", "won", "lost"])
failures = st.sampled_from(["processing", "failed", "cancelled"])

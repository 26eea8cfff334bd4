"""Show what alice has."""

import mana

balance = mana.user("ALICE").get("/credits/balance")
print(f"alice has {balance['balance']} credits, and {balance['reserved']} more are on hold")

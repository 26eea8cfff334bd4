"""A budget for a team: alice funds the pool of her guild, sets bob a limit, and bob reaches it."""

import os
import uuid

import mana

pool = f"/credits/guild/{os.environ['GUILD']}"
member = f"{pool}/members/{os.environ['BOB_ID']}"
alice, bob = mana.user("ALICE"), mana.user("BOB")

funded = alice.post(f"{pool}/fund", amount=20, idempotencyKey=str(uuid.uuid4()))
print(f"the pool holds {funded['poolBalance']['balance']}")
print(f"bob may spend {alice.put(f'{member}/limits', dailyLimit=5)['dailyLimit']} a day")

for question in ("Why is the sky blue?", "And at night?"):
    try:
        used = bob.post(
            f"{pool}/use",
            amount=3,
            appId="chat",
            description=question,
            idempotencyKey=str(uuid.uuid4()),
        )
    except mana.RefusedError as refused:
        if refused.code != "spending_limit_exceeded":
            raise
        limit = refused.details
        print(f"{question} No: {limit['spent']} of {limit['limit']} are spent")
        print(f"bob can go on at {limit['resetsAt']}")
    else:
        print(f"{question} Yes, and the pool holds {used['newBalance']['balance']}")

spending = bob.get(f"{member}/spending")
print(f"bob has {spending['dailyRemaining']} left today")

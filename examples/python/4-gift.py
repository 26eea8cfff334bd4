"""A gift: alice makes a code, anybody may look at it, bob redeems it."""

import uuid

import mana

alice, bob = mana.user("ALICE"), mana.user("BOB")

gift = alice.post("/gifts", totalCredits=10, message="Enjoy!", idempotencyKey=str(uuid.uuid4()))
print(f"share {gift['url']}")

seen = mana.Mana({}).get(f"/gifts/{gift['code']}")
print(f"{seen['creatorName']} gives {seen['totalCredits']} credits: {seen['message']}")

# A tap on a slow network is often two: the same key gets the same answer, and the credits once.
tap = str(uuid.uuid4())
for _ in range(2):
    redeemed = bob.post(f"/gifts/{gift['code']}/redeem", idempotencyKey=tap)
    print(f"bob gets {redeemed['credits']} and has {redeemed['newBalance']}")

try:
    bob.post(f"/gifts/{gift['code']}/redeem")
except mana.RefusedError as refused:
    print(f"without the key it is another attempt, and too late: {refused.code}")

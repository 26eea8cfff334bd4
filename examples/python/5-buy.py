"""Buy the first package on sale through Stripe Checkout, pay, and see it credited."""

import sys
import time

import httpx

import mana

alice = mana.user("ALICE")

package = alice.get("/credits/packages")[0]
print(f"{package['name']}: {package['credits']} credits, {package['priceEuroCents']} cents")

# Where Stripe sends the buyer afterwards: under an origin that CORS_ORIGINS allows.
purchase = alice.post(
    "/credits/purchase",
    packageId=package["id"],
    successUrl="http://localhost:3000/thanks",
    cancelUrl="http://localhost:3000/shop",
)
print(f"send the buyer to {purchase['checkoutUrl']}")
httpx.post(f"{purchase['checkoutUrl']}/pay")  # Here nobody looks: this presses the button "Pay".

# Only Stripe's webhook credits a purchase, a moment later. The success page waits for it.
for _ in range(20):
    if alice.get(f"/credits/purchase/{purchase['purchaseId']}")["status"] == "completed":
        break
    time.sleep(0.5)
else:
    sys.exit("not paid yet: it will be credited as soon as it is")
print(f"paid: alice has {alice.get('/credits/balance')['balance']}")

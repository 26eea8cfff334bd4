// Buy the first package on sale through Stripe Checkout, pay, and see it credited.

import { setTimeout as sleep } from "node:timers/promises";

import { type Balance, type Credits, call, user } from "./mana.ts";

type Package = { id: string; name: string; credits: Credits; priceEuroCents: number };
type Begun = { purchaseId: string; checkoutUrl: string };
type Purchase = { status: "pending" | "processing" | "completed" | "failed" | "cancelled" };

const alice = user("ALICE");

const [first] = await call<Package[]>({}, "GET", "/credits/packages");
if (first === undefined) throw new Error("nothing is on sale");
console.log(`${first.name}: ${first.credits} credits, ${first.priceEuroCents} cents`);

// Where Stripe sends the buyer afterwards: under an origin that CORS_ORIGINS allows.
const { purchaseId, checkoutUrl } = await call<Begun>(alice, "POST", "/credits/purchase", {
  packageId: first.id,
  successUrl: "http://localhost:3000/thanks",
  cancelUrl: "http://localhost:3000/shop",
});
console.log(`send the buyer to ${checkoutUrl}`);
// Here nobody looks: this presses the button "Pay".
await fetch(`${checkoutUrl}/pay`, { method: "POST", redirect: "manual" });

// Only Stripe's webhook credits a purchase, a moment later. The success page waits for it.
const paid = async () =>
  (await call<Purchase>(alice, "GET", `/credits/purchase/${purchaseId}`)).status === "completed";
for (let tries = 0; !(await paid()); tries++) {
  if (tries === 20) throw new Error("not paid yet: it will be credited as soon as it is");
  await sleep(500);
}
const { balance } = await call<Balance>(alice, "GET", "/credits/balance");
console.log(`paid: alice has ${balance}`);

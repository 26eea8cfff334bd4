// A gift: alice makes a code, anybody may look at it, bob redeems it.

import { type Credits, Refused, call, user } from "./mana.ts";

type Gift = { code: string; url: string };
type PublicGift = { creatorName: string | null; totalCredits: Credits; message: string | null };
type Redeemed = { credits: Credits; newBalance: Credits };

const gift = await call<Gift>(user("ALICE"), "POST", "/gifts", {
  totalCredits: 10,
  message: "Enjoy!",
  idempotencyKey: crypto.randomUUID(),
});
console.log(`share ${gift.url}`);

const seen = await call<PublicGift>({}, "GET", `/gifts/${gift.code}`);
console.log(`${seen.creatorName} gives ${seen.totalCredits} credits: ${seen.message}`);

const redeem = (body: { idempotencyKey?: string }) =>
  call<Redeemed>(user("BOB"), "POST", `/gifts/${gift.code}/redeem`, body);

// A tap on a slow network is often two: the same key gets the same answer, and the credits once.
const tap = { idempotencyKey: crypto.randomUUID() };
for (const { credits, newBalance } of [await redeem(tap), await redeem(tap)]) {
  console.log(`bob gets ${credits} and has ${newBalance}`);
}

try {
  await redeem({});
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.log(`without the key it is another attempt, and too late: ${error.code}`);
}

// A budget for a team: alice funds the pool of her guild, sets bob a limit, and bob reaches it.

import { type Credits, Refused, call, env, user } from "./mana.ts";

type Funded = { poolBalance: { balance: Credits; totalFunded: Credits } };
type Limits = { dailyLimit: Credits | null; monthlyLimit: Credits | null };
type Used = { newBalance: { balance: Credits } };
type Spending = Limits & { dailyRemaining: Credits | null; spentToday: Credits };

const pool = `/credits/guild/${encodeURIComponent(env("GUILD"))}`;
const member = `${pool}/members/${encodeURIComponent(env("BOB_ID"))}`;
const alice = user("ALICE");
const bob = user("BOB");

const { poolBalance } = await call<Funded>(alice, "POST", `${pool}/fund`, {
  amount: 20,
  idempotencyKey: crypto.randomUUID(),
});
console.log(`the pool holds ${poolBalance.balance}`);

const limits = await call<Limits>(alice, "PUT", `${member}/limits`, { dailyLimit: 5 });
console.log(`bob may spend ${limits.dailyLimit} a day`);

for (const question of ["Why is the sky blue?", "And at night?"]) {
  try {
    const { newBalance } = await call<Used>(bob, "POST", `${pool}/use`, {
      amount: 3,
      appId: "chat",
      description: question,
      idempotencyKey: crypto.randomUUID(),
    });
    console.log(`${question} Yes, and the pool holds ${newBalance.balance}`);
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "spending_limit_exceeded") throw error;
    const { spent, limit, resetsAt } = error.details;
    console.log(`${question} No: ${spent} of ${limit} are spent`);
    console.log(`bob can go on at ${resetsAt}`);
  }
}

const { dailyRemaining } = await call<Spending>(bob, "GET", `${member}/spending`);
console.log(`bob has ${dailyRemaining} left today`);

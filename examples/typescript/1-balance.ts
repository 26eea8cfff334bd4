// Show what alice has.

import { type Balance, call, user } from "./mana.ts";

const { balance, reserved } = await call<Balance>(user("ALICE"), "GET", "/credits/balance");
console.log(`alice has ${balance} credits, and ${reserved} more are on hold`);

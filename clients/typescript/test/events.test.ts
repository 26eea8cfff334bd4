/** Events that a consumer of its own reads over SQL. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Client } from "pg";

import { readEvents, type CreditsEvent, type Query } from "../dist/index.js";
import { env, person, unique } from "./service.js";

// Of balance.low, which no other test has.
const consumer = env("CONSUMER");
const client = new Client(env("SERVICE_DATABASE_URL"));
const query: Query = (text, values) => client.query(text, values);

before(() => client.connect());
after(() => client.end());

/** A person whose balance falls to 4.500001, and below the threshold. */
async function shortOfCredits(): Promise<string> {
  const userId = await person("12.500001");
  await query("select credits.set_low_balance_alert(p_user_id => $1, p_threshold => 5.25)", [userId]);
  const use = "select credits.use_credits(p_user_id => $1, p_amount => 8, p_app_id => 'chat', p_description => '', p_idempotency_key => $2)";
  await query(use, [userId, unique("key")]);
  return userId;
}

async function firstEvent(): Promise<CreditsEvent> {
  for (;;) {
    for await (const event of readEvents(query, consumer)) return event;
    await setTimeout(50);
  }
}

async function readAll(limit: number): Promise<CreditsEvent[]> {
  const events: CreditsEvent[] = [];
  for await (const event of readEvents(query, consumer, { limit })) events.push(event);
  return events;
}

test("events come until the loop has passed them, typed, their amounts exact", async () => {
  const userId = await shortOfCredits();
  const first = await firstEvent();
  await client.query("begin");
  assert.deepEqual(await readAll(100), [first]);
  await client.query("rollback");
  assert.deepEqual(await readAll(1), [first]);
  assert.deepEqual(await readAll(1), []);

  assert(first.type === "balance.low");
  assert.deepEqual(first.data, { userId, threshold: "5.25", balance: "4.500001", reserved: "0" });
  assert.match(first.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});

test("a loop that is left comes to its event again, and to none of the batches before", async () => {
  const people = [await shortOfCredits(), await shortOfCredits(), await shortOfCredits()];
  const seen: CreditsEvent[] = [];
  while (seen.length < 2) {
    for await (const event of readEvents(query, consumer, { limit: 1 })) {
      seen.push(event);
      if (seen.length === 2) break;
    }
    await setTimeout(50);
  }
  while (seen.length < 4) {
    seen.push(...(await readAll(2)));
    await setTimeout(50);
  }
  const [one, two, three] = people;
  assert.deepEqual(seen.map((event) => event.type === "balance.low" && event.data.userId), [one, two, two, three]);
});

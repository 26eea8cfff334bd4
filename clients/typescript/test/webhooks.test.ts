/** Messages as the service has sent them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { WebhookError, readWebhook } from "../dist/index.js";
import { env } from "./service.js";

interface Message {
  secret: string;
  headers: Record<string, string>;
  body: string;
  userId: string;
}

const message = JSON.parse(readFileSync(env("MESSAGE"), "utf8")) as Message;
const { secret, headers, body } = message;

test("a message is verified and read, its amounts exact", async () => {
  const event = await readWebhook(new TextEncoder().encode(body), new Headers(headers), ["whsec_AAAA", secret]);
  assert(event.type === "balance.changed");
  assert.equal(event.id, headers["webhook-id"]);
  assert.equal(event.data.userId, message.userId);
  assert.deepEqual([event.data.amount, event.data.balance], ["12.500001", "12.500001"]);
  const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
  assert.deepEqual(await readWebhook(body, upper, secret), event);
});

test("a message that was changed, is old or lacks a header is refused", async () => {
  await assert.rejects(readWebhook(body.replace("12.5", "99.5"), headers, secret), WebhookError);
  await assert.rejects(readWebhook(body, { ...headers, "webhook-id": "another" }, secret), WebhookError);
  await assert.rejects(readWebhook(body, headers, "whsec_AAAA"), WebhookError);
  const later = new Date(Date.now() + 600_000);
  await assert.rejects(readWebhook(body, headers, secret, later), WebhookError);
  for (const name of Object.keys(headers).filter((name) => name.startsWith("webhook-"))) {
    await assert.rejects(readWebhook(body, { ...headers, [name]: undefined }, secret), WebhookError);
  }
});

test("nothing is verified without a secret", async () => {
  for (const missing of ["", "whsec_", [""], undefined as unknown as string]) {
    await assert.rejects(readWebhook(body, headers, missing), TypeError);
  }
});

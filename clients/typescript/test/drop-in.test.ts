/** The functions with the names that services import today. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { configureCredits, consumeCredits, getBalance, refundCredits, validateCredits } from "../dist/drop-in.js";
import { Line, balanceOf, env, options, person, unique } from "./service.js";

test("is configured by the environment, and must be told what to do when nobody answers", async () => {
  process.env["MANA_CREDITS_URL"] = env("API");
  process.env["MANA_SERVICE_KEY"] = env("SERVICE_KEY");
  await assert.rejects(getBalance("nobody"), /refuse.*allow/);
  process.env["MANA_CREDITS_UNREACHABLE"] = "refuse";
  assert.deepEqual(await getBalance(unique("user")), { balance: 0, totalEarned: 0, totalSpent: 0 });
});

test("what was validated is held until it is consumed", async () => {
  const userId = await person("10");
  const validation = await validateCredits(userId, "AI_CHAT", 5);
  assert.deepEqual(validation, { hasCredits: true, availableCredits: 10, requiredCredits: 5 });
  assert.equal(await balanceOf(userId), "5 + 5");
  assert.equal((await validateCredits(userId, "AI_IMAGE", 6)).hasCredits, false);
  assert.equal(await consumeCredits(userId, "AI_CHAT", 5, "Chat: gemma", { chatId: "c1" }), true);
  assert.equal(await balanceOf(userId), "5 + 0");
});

test("each of several at once has a hold of its own, and a smaller cost frees the rest", async () => {
  const userId = await person("10");
  const found = await Promise.all([1, 2, 3].map(() => validateCredits(userId, "AI_CHAT", 4)));
  assert.deepEqual(found.map(({ hasCredits }) => hasCredits).sort(), [false, true, true]);
  const consumed = await Promise.all([1, 2].map(() => consumeCredits(userId, "AI_CHAT", 2.5, "Chat")));
  assert.deepEqual(consumed, [true, true]);
  assert.equal(await balanceOf(userId), "5 + 0");
});

test("what was not validated is charged at once, or not", async () => {
  const userId = await person("10");
  assert.equal(await consumeCredits(userId, "AI_CHAT", 7, "Chat"), true);
  assert.equal(await consumeCredits(userId, "AI_CHAT", 7, "Chat"), false);
  assert.equal(await refundCredits(userId, 2, "It was wrong"), true);
  assert.deepEqual(await getBalance(userId), { balance: 5, totalEarned: 12, totalSpent: 7 });
});

test("a cost above what was held takes the rest from what is there, all of it or nothing", async () => {
  const userId = await person("12");
  await validateCredits(userId, "AI_CHAT", 10);
  assert.equal(await consumeCredits(userId, "AI_CHAT", 11, "Chat"), true);
  assert.equal(await balanceOf(userId), "1 + 0");
  await validateCredits(userId, "AI_CHAT", 1);
  assert.equal(await consumeCredits(userId, "AI_CHAT", 2, "Chat"), false);
  assert.equal(await balanceOf(userId), "0 + 1");
});

test("what costs nothing passes, and what floats add to an amount is not charged", async () => {
  const userId = await person("1");
  assert.deepEqual(await validateCredits(userId, "AI_CHAT", 0), { hasCredits: true, availableCredits: 1, requiredCredits: 0 });
  assert.equal(await consumeCredits(userId, "AI_CHAT", 0, "Chat"), true);
  assert.equal((await validateCredits(userId, "AI_CHAT", 0.1 + 0.2)).hasCredits, true);
  assert.equal(await consumeCredits(userId, "AI_CHAT", 0.1 + 0.2, "Chat"), true);
  assert.equal(await refundCredits(userId, 0.1 + 0.2, "It was wrong"), true);
  assert.equal(await balanceOf(userId), "1 + 0");
});

test("too little tells how much there is", async () => {
  const userId = await person("3");
  const validation = await validateCredits(userId, "AI_CHAT", 5);
  assert.deepEqual(validation, { hasCredits: false, availableCredits: 3, requiredCredits: 5 });
});

test("a service that is away allows or refuses as was said, and no balance is made up", async () => {
  await using line = await Line.open();
  line.cut(true);
  for (const unreachable of ["allow", "refuse"] as const) {
    configureCredits({ ...line.options, patienceMs: 0, unreachable });
    assert.equal((await validateCredits("u", "AI_CHAT", 5)).hasCredits, unreachable === "allow");
    assert.equal(await consumeCredits("u", "AI_CHAT", 5, "Chat"), false);
    await assert.rejects(getBalance("u"), { code: "unreachable" });
  }
  configureCredits(options);
});

/** What every call does: exact amounts, repetitions, errors. */

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { CreditsClient, CreditsError, GuildPoolNotFoundError, UnauthenticatedError } from "../dist/index.js";
import { read, write } from "../dist/amounts.js";
import { Line, balanceOf, credits, env, options, person, unique } from "./service.js";

const USE = "/api/v1/internal/credits/use";

suite("amounts", () => {
  test("go and come back digit by digit", async () => {
    const userId = await person("999999999.999999");
    const given = { userId, amount: "999999999.999999", reason: "more", referenceId: "more" };
    await credits.request("post", "/api/v1/internal/credits/grant", { body: given });
    // More digits than a binary float holds.
    assert.equal((await credits.balance(userId)).balance, "1999999999.999998");
    const body = { userId, amount: "0.000001", description: "One token" };
    const { transaction } = await credits.request("post", USE, { body, key: unique("key") });
    assert.equal(transaction?.balanceAfter, "1999999999.999997");
    assert.equal(transaction?.amount, "-0.000001");
  });

  test("are sent as the digits of JSON numbers", () => {
    assert.equal(write({ amount: "0.10", items: [{ operation: "a" }], note: undefined }), '{"amount":0.10,"items":[{"operation":"a"}]}');
    assert.equal(write({ amount: 5n, metadata: { amount: "1" } }), '{"amount":5,"metadata":{"amount":"1"}}');
  });

  test("that are none are not sent", () => {
    for (const amount of ["", "1e3", "0.1234567", "1,5", "NaN", 0.1 + 0.2, Infinity]) {
      assert.throws(() => write({ amount }), RangeError);
    }
  });

  test("are told from other numbers by their names, and metadata is the caller's", () => {
    const text = '{"balance":100000000000.000001,"transactionsCount":3,"metadata":{"amount":1.5,"s":"n1"},"list":["\\"1\\"",-2]}';
    assert.deepEqual(read(text), {
      balance: "100000000000.000001", transactionsCount: 3, metadata: { amount: 1.5, s: "n1" }, list: ['"1"', -2],
    });
  });
});

suite("a repetition", { concurrency: true }, () => {
  test("has the same key, so that a lost answer moves nothing twice", async () => {
    await using line = await Line.open("lost answer", "lost request");
    const userId = await person("10");
    const body = { userId, amount: "4", description: "One answer" };
    const key = unique("key");
    const answer = await new CreditsClient(line.options).request("post", USE, { body, key });
    assert.equal(answer.replayed, true);
    assert.equal(line.asked.length, 3);
    assert.equal(await balanceOf(userId), "6 + 0");
  });

  test("waits as long as the service asks, and a little by chance", async () => {
    await using line = await Line.open({ status: 503, retryAfter: "1", body: '{"code":"overloaded","message":"Busy"}' });
    await new CreditsClient(line.options).balance("nobody");
    const [first, second] = line.asked.map(({ at }) => at);
    assert(Number(second) - Number(first) > 1000);
  });

  test("is none for a call that moves credits without a key", async () => {
    await using line = await Line.open({ status: 503 });
    const body = { userId: "nobody", amount: "4", description: "One answer" };
    await assert.rejects(new CreditsClient(line.options).request("post", USE, { body }), CreditsError);
    assert.equal(line.asked.length, 1);
  });

  test("is none after a no, 429 included", async () => {
    for (const status of [400, 402, 404, 409, 429]) {
      const body = '{"code":"of_tomorrow","message":"No","details":{"amount":1.50,"count":2}}';
      await using line = await Line.open({ status, retryAfter: "7", body });
      await assert.rejects(new CreditsClient(line.options).balance("nobody"), (error) => {
        // A code that this package does not know yet.
        assert(error instanceof CreditsError);
        assert.deepEqual([error.status, error.code, error.retryAfterSeconds], [status, "of_tomorrow", 7]);
        assert.deepEqual(error.details, { amount: "1.50", count: 2 });
        return true;
      });
      assert.equal(line.asked.length, 1);
    }
  });

  test("ends when patience does", async () => {
    await using line = await Line.open();
    line.cut(true);
    const started = Date.now();
    await assert.rejects(new CreditsClient({ ...line.options, patienceMs: 2500 }).balance("nobody"), CreditsError);
    assert(line.asked.length > 1);
    assert(Date.now() - started < 20_000);
  });
});

suite("an error", () => {
  test("is of the class of its code", async () => {
    const body = { userId: "u", amount: "1", description: "One", creditSource: { type: "guild", guildId: unique("guild") } } as const;
    await assert.rejects(credits.request("post", USE, { body, key: unique("key") }), GuildPoolNotFoundError);
    const stranger = new CreditsClient({ ...options, serviceKey: "wrong" });
    await assert.rejects(stranger.balance("nobody"), UnauthenticatedError);
  });

  test("of something that is not ours has its status", async () => {
    // Also where it says that all is well.
    for (const status of [404, 200]) {
      await using line = await Line.open({ status, body: "<h1>Not here</h1>" });
      await assert.rejects(new CreditsClient(line.options).balance("nobody"), { code: "unknown", status });
    }
  });
});

test("a user calls with a token", async () => {
  const { serviceKey: _, ...rest } = options;
  const user = new CreditsClient({ ...rest, token: () => Promise.resolve(env("TOKEN")) });
  assert.equal((await user.request("get", "/api/v1/credits/balance")).balance, "0");
  const rows = await user.request("get", "/api/v1/credits/transactions", { query: { limit: 1 } });
  assert.deepEqual(rows, []);
});

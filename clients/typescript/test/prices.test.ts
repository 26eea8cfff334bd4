/** Charges by operations whose prices the service knows, and budgets that are captured bit by bit. */

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { CreditsClient, PriceChangedError, UnknownOperationError, type Outcome } from "../dist/index.js";
import { Line, balanceOf, credits, env, person, unique } from "./service.js";

// Half a credit each; and nothing.
const operation = env("OPERATION");
const free = env("FREE_OPERATION");

function once(userId: string) {
  const outcomes: Outcome[] = [];
  return { userId, key: unique("key"), reason: "One answer", outcomes, onSettled: (one: Outcome) => void outcomes.push(one) };
}

suite("a charge by items", { concurrency: true }, () => {
  test("holds their price and commits that of what was used", async () => {
    const userId = await person("10");
    await credits.charge({ ...once(userId), items: [{ operation, quantity: 4 }] }, async (running) => {
      assert.equal(await balanceOf(userId), "8 + 2");
      running.used({ items: [{ operation, quantity: "3" }] });
    });
    assert.equal(await balanceOf(userId), "8.5 + 0");
  });

  test("is refused at another price than the one that was shown", async () => {
    const userId = await person("10");
    const body = { userId, items: [{ operation }] };
    const { amount } = await credits.request("post", "/api/v1/internal/credits/quote", { body });
    assert.equal(amount, "0.5");
    const items = [{ operation, quantity: 1 }];
    await credits.charge({ ...once(userId), items, expectedAmount: amount }, () => undefined);
    const refused = credits.charge({ ...once(userId), items, expectedAmount: "0.4" }, () => assert.fail("it ran"));
    await assert.rejects(refused, PriceChangedError);
    const unknown = [{ operation: unique("operation") }];
    const nowhere = credits.charge({ ...once(userId), items: unknown }, () => assert.fail("it ran"));
    await assert.rejects(nowhere, UnknownOperationError);
    assert.equal(await balanceOf(userId), "9.5 + 0");
  });

  test("takes no quantity that is not exact, and says so while the work goes on", async () => {
    const userId = await person("10");
    const inexact = [{ operation, quantity: 0.1 + 0.2 }];
    const items = [{ operation, quantity: 4 }];
    await assert.rejects(credits.charge({ ...once(userId), items }, (running) => running.used({ items: inexact })), RangeError);
    assert.equal(await balanceOf(userId), "10 + 0");
  });

  test("that cost nothing holds and moves nothing", async () => {
    const userId = await person("10");
    const options = once(userId);
    await credits.charge({ ...options, items: [{ operation: free }] }, ({ reservationId }) => {
      assert.equal(reservationId, undefined);
    });
    assert.deepEqual(options.outcomes, [{ status: "committed", transactionId: null, committed: "0", released: "0" }]);
  });

  test("takes what is there above the hold, where that was said", async () => {
    const userId = await person("10");
    const options = once(userId);
    await credits.charge({ ...options, amount: "4", overrun: "available" }, (running) => running.used({ amount: "12" }));
    assert.equal(await balanceOf(userId), "0 + 0");
    const [outcome] = options.outcomes;
    assert(outcome?.status === "committed");
    assert.deepEqual([outcome.committed, outcome.uncollected], ["10", "2"]);
  });

  test("of a run captures call by call, and frees what it did not need", async () => {
    const userId = await person("10");
    const options = once(userId);
    await credits.charge({ ...options, amount: "8" }, async (running) => {
      await running.capture({ amount: "1" });
      await running.capture({ items: [{ operation, quantity: 3 }] });
      assert.equal(await balanceOf(userId), "2 + 5.5");
    });
    assert.equal(await balanceOf(userId), "7.5 + 0");
    assert.equal(options.outcomes[0]?.status, "released");
  });

  test("whose run fails keeps what it had captured", async () => {
    const userId = await person("10");
    const failing = credits.charge({ ...once(userId), amount: "8" }, async (running) => {
      await running.capture({ amount: "1" });
      throw new Error("the model is down");
    });
    await assert.rejects(failing, /the model is down/);
    assert.equal(await balanceOf(userId), "9 + 0");
  });

  test("captures each call once, however often the run is begun", async () => {
    const userId = await person("10");
    const options = { ...once(userId), amount: "8" };
    for (let calls = 1; calls <= 3; calls++) {
      const run = credits.charge(options, async (running) => {
        for (let call = 0; call < calls; call++) await running.capture({ amount: "1" });
        if (calls < 2) throw new Error("the model is down");
      });
      await (calls < 2 ? assert.rejects(run, /the model is down/) : run);
    }
    assert.equal(await balanceOf(userId), "7 + 0");
  });

  test("captures afterwards what could not be said meanwhile, once", async () => {
    const userId = await person("10");
    await using line = await Line.open(null, "lost answer", "lost request");
    const client = new CreditsClient({ ...line.options, patienceMs: 0, unreachable: "allow" });
    await client.charge({ ...once(userId), amount: "8" }, async (running) => {
      await running.capture({ amount: "1" });
      await running.capture({ amount: "2" });
    });
    assert.equal(await balanceOf(userId), "7 + 0");
  });
});

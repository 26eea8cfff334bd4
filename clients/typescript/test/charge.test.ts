/** charge: holds, runs, commits or releases, whatever happens in between. */

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { CreditsClient, InsufficientCreditsError, UnreachableError, UnsettledError, type Outcome } from "../dist/index.js";
import { Line, balanceOf, credits, person, unique } from "./service.js";

/** Options of a charge, and how it ended. */
function once(userId: string, amount: string, more: object = {}) {
  let tell: (outcome: Outcome) => void;
  const settled = new Promise<Outcome>((resolve) => (tell = resolve));
  const onSettled = (outcome: Outcome): void => tell(outcome);
  return { options: { userId, amount, key: unique("key"), reason: "One answer", onSettled, ...more }, settled };
}

suite("a charge", { concurrency: true }, () => {
  test("commits what was really used and frees the rest", async () => {
    const userId = await person("10");
    const { options, settled } = once(userId, "4");
    const answer = await credits.charge(options, async (running) => {
      assert.equal(await balanceOf(userId), "6 + 4");
      running.used({ amount: "1.250001" });
      return "Because";
    });
    assert.equal(answer, "Because");
    assert.equal(await balanceOf(userId), "8.749999 + 0");
    const outcome = await settled;
    assert.equal(outcome.status, "committed");
    assert.deepEqual([outcome.committed, outcome.released], ["1.250001", "2.749999"]);
  });

  test("commits all that it held if nothing else is said", async () => {
    const userId = await person("10");
    await credits.charge(once(userId, "0.02").options, () => undefined);
    assert.equal(await balanceOf(userId), "9.98 + 0");
  });

  test("releases if nothing was used", async () => {
    const userId = await person("10");
    await credits.charge(once(userId, "4").options, (running) => running.used({ amount: "0.00" }));
    assert.equal(await balanceOf(userId), "10 + 0");
  });

  test("releases what it held if the work throws", async () => {
    const userId = await person("10");
    const { options, settled } = once(userId, "4");
    const failing = credits.charge(options, (running) => {
      running.used({ amount: "1" });
      throw new Error("the model is down");
    });
    await assert.rejects(failing, /the model is down/);
    assert.equal(await balanceOf(userId), "10 + 0");
    assert.equal((await settled).status, "released");
  });

  test("refuses before the work if there is too little", async () => {
    const userId = await person("3.5");
    const refused = credits.charge(once(userId, "4").options, () => assert.fail("it ran"));
    await assert.rejects(refused, (error) => {
      assert(error instanceof InsufficientCreditsError);
      assert.deepEqual([error.code, error.status], ["insufficient_credits", 402]);
      assert.deepEqual(error.details, { required: "4", available: "3.5" });
      assert(error.requestId);
      return true;
    });
  });

  test("moves once under one key, however often it runs", async () => {
    const userId = await person("10");
    const { options } = once(userId, "4");
    const seen: boolean[] = [];
    for (let i = 0; i < 2; i++) await credits.charge(options, ({ alreadyCharged }) => void seen.push(alreadyCharged));
    assert.deepEqual(seen, [false, true]);
    assert.equal(await balanceOf(userId), "6 + 0");
  });

  test("charges another attempt after one that failed, under the same key", async () => {
    const userId = await person("10");
    const { options } = once(userId, "4");
    for (let i = 0; i < 2; i++) await assert.rejects(credits.charge(options, () => Promise.reject(new Error("down"))));
    await credits.charge(options, () => undefined);
    await credits.charge(options, ({ alreadyCharged }) => assert(alreadyCharged));
    assert.equal(await balanceOf(userId), "6 + 0");
  });

  test("that runs twice at once is charged once, whatever each has used", async () => {
    const userId = await person("10");
    const { options } = once(userId, "4");
    const outcomes: string[] = [];
    let meet: () => void = () => undefined;
    const met = new Promise<void>((resolve) => (meet = resolve));
    const charges = ["1", "2"].map((amount, place) =>
      credits.charge({ ...options, onSettled: ({ status }) => outcomes.push(status) }, async (running) => {
        if (place === 1) meet();
        await met;
        running.used({ amount });
        return amount;
      }),
    );
    assert.deepEqual(await Promise.all(charges), ["1", "2"]);
    assert.deepEqual(outcomes.sort(), ["already-charged", "committed"]);
    assert.match(await balanceOf(userId), /^[89] \+ 0$/);
  });

  test("goes on as the next attempt if another under its key has failed meanwhile", async () => {
    const userId = await person("10");
    const { options, settled } = once(userId, "4");
    await credits.charge(options, async (running) => {
      const failing = credits.charge({ ...options, onSettled: () => undefined }, () => Promise.reject(new Error("down")));
      await assert.rejects(failing, /down/);
      running.used({ amount: "1" });
    });
    assert.equal((await settled).status, "committed");
    assert.equal(await balanceOf(userId), "9 + 0");
  });

  test("says before the work that its metadata is none", async () => {
    const options = { ...once(unique("user"), "4").options, metadata: { tokens: 1n } };
    await assert.rejects(credits.charge(options, () => assert.fail("it ran")), TypeError);
  });

  test("keeps nothing at a signal that goes on", async () => {
    const { signal } = new AbortController();
    for (let i = 0; i < 2; i++) {
      const { options, settled } = once(await person("10"), "4", { signal });
      await new Response(await credits.charge(options, () => new ReadableStream({ start: (stream) => stream.close() }))).text();
      await settled;
    }
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  test("makes its key from the id of the request", async () => {
    const userId = await person("10");
    const requestId = unique("request");
    const options = { userId, amount: "1", reason: "One answer", requestId };
    for (let i = 0; i < 2; i++) await credits.charge(options, () => undefined);
    await credits.charge({ ...options, reason: "Another thing" }, () => undefined);
    assert.equal(await balanceOf(userId), "8 + 0");
    const keyless = { userId, amount: "1", reason: "One answer" } as unknown as typeof options;
    await assert.rejects(credits.charge(keyless, () => assert.fail("it ran")), TypeError);
  });

  test("extends its hold while the work goes on", async () => {
    const userId = await person("10");
    const { options, settled } = once(userId, "10", { holdSeconds: 2 });
    await credits.charge(options, async () => {
      await pause(2700);
      assert.equal(await balanceOf(userId), "0 + 10");
    });
    const outcome = await settled;
    assert(outcome.status === "committed" && !outcome.late);
  });

  test("says while the work runs that a cost is missing", async () => {
    const userId = await person("10");
    const unknown = { amount: undefined as unknown as string };
    const refused = credits.charge(once(userId, "4").options, (running) => running.used(unknown));
    await assert.rejects(refused, TypeError);
    assert.equal(await balanceOf(userId), "10 + 0");
  });

  test("says what was not to be charged, and hands over what the work gave", async () => {
    const userId = await person("10");
    const unsettled = credits.charge(once(userId, "4").options, (running) => {
      running.used({ amount: "5" });
      return "Because";
    });
    await assert.rejects(unsettled, (error) => {
      assert(error instanceof UnsettledError);
      assert.equal(error.result, "Because");
      assert.equal(error.cause.status, 400);
      return true;
    });
  });
});

suite("a stream", { concurrency: true }, () => {
  const words = ["Rayleigh ", "scattering."];

  test("is charged when it has been read", async () => {
    const userId = await person("10");
    const { options, settled } = once(userId, "4");
    const response = await credits.charge(options, () => new Response(new Blob(words).stream(), { status: 201 }));
    assert.equal(response.status, 201);
    assert.equal(await balanceOf(userId), "6 + 4");
    assert.equal(await response.text(), words.join(""));
    assert.equal((await settled).status, "committed");
    assert.equal(await balanceOf(userId), "6 + 0");
  });

  test("that its reader cancels costs what was used by then", async () => {
    const userId = await person("10");
    const { options, settled } = once(userId, "4");
    let cancelled = false;
    const stream = await credits.charge(options, (running) => {
      return new ReadableStream<string>({
        pull(controller) {
          running.used({ amount: "0.5" });
          controller.enqueue("word");
        },
        cancel: () => void (cancelled = true),
      });
    });
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    assert(cancelled);
    assert.equal((await settled).status, "committed");
    assert.equal(await balanceOf(userId), "9.5 + 0");
  });

  test("that breaks off is released", async () => {
    const userId = await person("10");
    const { options, settled } = once(userId, "4");
    const stream = await credits.charge(options, () => {
      return new ReadableStream({ pull: () => Promise.reject(new Error("the model is down")) });
    });
    await assert.rejects(new Response(stream).text(), /the model is down/);
    assert.equal((await settled).status, "released");
    assert.equal(await balanceOf(userId), "10 + 0");
  });

  test("by a generator costs what was used until its reader had enough", async () => {
    const userId = await person("10");
    const { options, settled } = once(userId, "4");
    const answer = await credits.charge(options, async function* (running) {
      for (let used = 1; ; used++) {
        running.used({ amount: used });
        yield words[0];
      }
    } as (running: Parameters<Parameters<typeof credits.charge>[1]>[0]) => AsyncGenerator<string>);
    let read = 0;
    for await (const _ of answer) if (++read === 2) break;
    assert.equal((await settled).status, "committed");
    assert.equal(await balanceOf(userId), "8 + 0");
  });

  test("is settled when the caller's signal aborts, though nobody reads it", async () => {
    const userId = await person("10");
    const controller = new AbortController();
    const { options, settled } = once(userId, "4", { signal: controller.signal });
    await credits.charge(options, (running) => {
      running.used({ amount: "1" });
      return new ReadableStream();
    });
    controller.abort();
    assert.equal((await settled).status, "committed");
    assert.equal(await balanceOf(userId), "9 + 0");
  });

  for (const kind of ["generator", "stream"]) {
    test(`by a ${kind} ends for its reader when the signal aborts: what came then would cost nothing`, async () => {
      const userId = await person("10");
      const controller = new AbortController();
      const { options, settled } = once(userId, "4", { signal: controller.signal });
      let ended = false;
      const answer = await credits.charge(options, (running) => {
        async function* more(): AsyncGenerator<string> {
          try {
            for (let used = 1; ; used++) {
              running.used({ amount: used });
              yield "word";
            }
          } finally {
            ended = true;
          }
        }
        const source = more();
        if (kind === "generator") return source;
        return new ReadableStream<string>({
          pull: async (stream) => stream.enqueue((await source.next()).value),
          cancel: () => void source.return(undefined),
        });
      });
      const read = async (): Promise<void> => {
        for await (const _ of answer) controller.abort(new Error("enough"));
      };
      await assert.rejects(read(), /enough/);
      assert(ended);
      assert.equal((await settled).status, "committed");
    });
  }

  test("never begun costs nothing once it is given up", async () => {
    const userId = await person("10");
    const { options, settled } = once(userId, "4");
    const answer = await credits.charge(options, () => (async function* () { yield "word"; })());
    await answer.return(undefined);
    assert.equal((await settled).status, "released");
    assert.equal(await balanceOf(userId), "10 + 0");
  });
});

suite("work whose caller aborts it", () => {
  test("costs what was used by then", async () => {
    const userId = await person("10");
    const controller = new AbortController();
    const { options } = once(userId, "4", { signal: controller.signal });
    const aborted = credits.charge(options, async (running) => {
      running.used({ amount: "1.5" });
      controller.abort(new Error("enough"));
      running.signal?.throwIfAborted();
    });
    await assert.rejects(aborted, /enough/);
    assert.equal(await balanceOf(userId), "8.5 + 0");
  });
});

suite("a service that is away", { concurrency: true }, () => {
  const hurried = { patienceMs: 0 };

  test("refuses the work where that was said", async () => {
    await using line = await Line.open();
    line.cut(true);
    const client = new CreditsClient({ ...line.options, ...hurried, unreachable: "refuse" });
    const refused = client.charge(once(unique("user"), "1").options, () => assert.fail("it ran"));
    await assert.rejects(refused, UnreachableError);
  });

  test("lets the work be done where that was said, and is told afterwards if it is back", async () => {
    await using line = await Line.open("lost answer");
    const userId = await person("10");
    const client = new CreditsClient({ ...line.options, ...hurried, unreachable: "allow" });
    const done = await client.charge(once(userId, "4").options, (running) => {
      running.used({ amount: "1" });
      return running.reservationId;
    });
    assert.equal(done, undefined);
    // The first reservation had been made: it is found by its key, and no second one.
    assert.equal(await balanceOf(userId), "9 + 0");
  });

  test("leaves work uncharged that was allowed, and says so", async () => {
    await using line = await Line.open();
    line.cut(true);
    const client = new CreditsClient({ ...line.options, ...hurried, unreachable: "allow" });
    const { options, settled } = once(unique("user"), "4");
    assert.equal(await client.charge(options, () => "Because"), "Because");
    const outcome = await settled;
    assert(outcome.status === "unsettled" && outcome.error instanceof UnreachableError);
  });

  test("cannot be met without saying what is to happen then", () => {
    const { unreachable: _, ...silent } = { ...hurried, baseUrl: "http://localhost", unreachable: "refuse" };
    assert.throws(() => new CreditsClient(silent as never), /refuse.*allow/);
  });

  for (const baseUrl of [undefined, "", "localhost:3061"]) {
    test(`is not looked for at ${baseUrl || "nothing"}`, () => {
      assert.throws(() => new CreditsClient({ baseUrl, unreachable: "allow" } as never), TypeError);
    });
  }
});

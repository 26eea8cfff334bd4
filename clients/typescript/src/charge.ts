import { isZero, write, type AmountLike } from "./amounts.js";
import { CreditsError, UnsettledError } from "./errors.js";
import {
  IdempotencyKeyReusedError, ReservationAlreadyCommittedError, ReservationAlreadyReleasedError,
} from "./generated.js";
import type { Transport } from "./transport.js";

/** An operation of the price list, and how much of it. */
export interface Item {
  operation: string;
  quantity?: AmountLike;
}

/** What something costs: an amount, or operations whose prices the service knows. */
export type Cost = { amount: AmountLike; items?: never } | { items: readonly Item[]; amount?: never };

/** Which charge it is: a key of its own, or that of the request together with what is charged. */
export type Once = { key: string; requestId?: never } | { requestId: string; key?: never };

/** What is charged, to whom, and how. `amount` or `items` is the most that it may cost. */
export type ChargeOptions = Cost &
  Once & {
    userId: string;
    /** What for, in words. */
    reason: string;
    /** The guild whose pool pays. */
    guildId?: string;
    appId?: string;
    metadata?: Record<string, unknown>;
    /** The price that was shown: another one is refused as price_changed. */
    expectedAmount?: AmountLike;
    /** What becomes of a cost above the hold: refused unless named. */
    overrun?: "refuse" | "available" | "debt";
    /** How long the hold outlives a process that died: 120 unless named. It is extended while the work goes on. */
    holdSeconds?: number;
    /** When to stop extending, for streams that nobody reads to their end: after 86400 seconds unless named. */
    longestSeconds?: number;
    /** Aborted by the caller: what was used until then is committed. */
    signal?: AbortSignal;
    /** Told once how it ended. Of a stream nobody else can be told. */
    onSettled?: (outcome: Outcome) => void;
  };

/** How a charge ended. */
export type Outcome =
  | { status: "committed"; transactionId: string | null; committed: string; released: string; uncollected?: string; late?: boolean }
  | { status: "released" }
  /** This key was charged before. */
  | { status: "already-charged" }
  | { status: "unsettled"; reservationId: string | undefined; error: CreditsError };

/** What the work is given. */
export interface Running {
  /** Undefined if the service could not be reached, or nothing is to be charged. */
  readonly reservationId: string | undefined;
  /** This key was charged before: the work may be found done, and is not charged again. */
  readonly alreadyCharged: boolean;
  /** The signal of the options. */
  readonly signal: AbortSignal | undefined;
  /** Says what was really used until now, the latest word counts; without one all that is held is used. */
  used(cost: Cost): void;
  /** Turns a part of the hold into usage at once, for a run of many calls; what is not captured is free in the end. */
  capture(cost: Cost): Promise<void>;
}

type How = "done" | "thrown" | "aborted";
type Held = { reservationId?: string | null; replayed?: boolean };
type Committed = Extract<Outcome, { status: "committed" }>;

const HOLDS = "/api/v1/internal/credits";
const MOST_ATTEMPTS = 100;

/** Holds, runs, and commits what was used or releases what was not: see `CreditsClient.charge`. */
export async function charge<T>(
  transport: Transport,
  options: ChargeOptions,
  run: (running: Running) => Promise<T> | T,
): Promise<T> {
  const hold = new Hold(transport, options);
  await hold.open();
  let result: T;
  try {
    result = await run(hold);
  } catch (error) {
    await hold.settle(options.signal?.aborted ? "aborted" : "thrown");
    throw error;
  }
  const stream = followed(result, (how) => hold.settle(how), options.signal);
  if (stream !== undefined) {
    // What fails then is told to whoever reads on.
    const abort = (): void => void hold.settle("aborted").catch(() => undefined);
    if (options.signal?.aborted) abort();
    else options.signal?.addEventListener("abort", abort, { once: true, signal: hold.ended });
    return stream as T;
  }
  const outcome = await hold.settle("done");
  if (outcome.status === "unsettled" && !(outcome.error.unavailable && transport.unreachable === "allow")) {
    throw new UnsettledError(result, outcome.reservationId, outcome.error);
  }
  return result;
}

class Hold implements Running {
  reservationId: string | undefined;
  alreadyCharged = false;
  readonly signal: AbortSignal | undefined;
  readonly #ending = new AbortController();
  readonly #transport: Transport;
  readonly #options: ChargeOptions;
  readonly #key: string;
  #used: Cost | undefined;
  #captures = 0;
  readonly #missed: Record<string, unknown>[] = [];
  readonly #released: string[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #settled: Promise<Outcome> | undefined;

  constructor(transport: Transport, options: ChargeOptions) {
    this.#transport = transport;
    this.#options = options;
    this.signal = options.signal;
    this.#key = keyOf(options);
    // Throws before the work, and not when it is to be settled, where it is none.
    write(options.metadata, "metadata");
  }

  /** Aborted once it is settled: a signal that goes on keeps nothing of it. */
  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  used(cost: Cost): void {
    this.#used = costOf(cost);
  }

  async capture(cost: Cost): Promise<void> {
    this.#captures += 1;
    if (this.alreadyCharged) return;
    const capture = { ...costOf(cost), idempotencyKey: `${this.#key}:capture:${this.#captures}` };
    try {
      if (this.reservationId === undefined) await this.#reserve();
      await this.#capture(capture);
    } catch (error) {
      if (!this.#forgiven(error)) throw error;
      this.#missed.push(capture);
    }
  }

  /** Captures once in all attempts under the key: what an earlier one has captured is known by its hold. */
  async #capture(capture: Record<string, unknown>): Promise<void> {
    for (const reservationId of [...this.#released, this.reservationId]) {
      try {
        return await this.#post("capture", { ...capture, reservationId });
      } catch (error) {
        // Of an earlier one this says that it was not captured there, or elsewhere.
        const known = error instanceof ReservationAlreadyReleasedError || error instanceof IdempotencyKeyReusedError;
        if (!known || reservationId === this.reservationId) throw error;
      }
    }
  }

  /** Sets the credits aside; where the service cannot be reached, goes on without if that was said. */
  async open(): Promise<void> {
    try {
      await this.#reserve();
    } catch (error) {
      if (!this.#forgiven(error)) throw error;
    }
    const { longestSeconds = 86_400 } = this.#options;
    const last = Date.now() + longestSeconds * 1000;
    this.#timer = setInterval(() => {
      // One that fails is made good by the next, or by a commit after its time.
      if (this.reservationId !== undefined && !this.alreadyCharged && Date.now() < last) this.#extend(false).catch(() => undefined);
    }, (this.#seconds * 1000) / 3);
    // The timer alone keeps no process alive.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Ends it, once; a refusal is an outcome, not thrown. */
  settle(how: How): Promise<Outcome> {
    this.#settled ??= this.#settle(how).then((outcome) => {
      this.#options.onSettled?.(outcome);
      return outcome;
    });
    return this.#settled;
  }

  async #settle(how: How): Promise<Outcome> {
    clearInterval(this.#timer);
    this.#ending.abort();
    try {
      if (this.alreadyCharged) return { status: "already-charged" };
      if (how === "thrown") return await this.#release();
      const nothing = this.#used === undefined ? how === "aborted" || this.#captures > 0 : isNothing(this.#used);
      if (nothing && this.#missed.length === 0) return await this.#release();
      // The hold of a service that was away: it may have been made all the same, and is found by its key.
      if (this.reservationId === undefined) await this.#reserve();
      if (this.alreadyCharged) return { status: "already-charged" };
      for (const capture of this.#missed) await this.#capture(capture);
      return nothing ? await this.#release() : await this.#commit();
    } catch (error) {
      // By another that runs under the same key; or its work threw, and this one is the next attempt.
      if (error instanceof ReservationAlreadyCommittedError) return { status: "already-charged" };
      if (error instanceof ReservationAlreadyReleasedError) {
        this.reservationId = undefined;
        return this.#settle(how);
      }
      if (!(error instanceof CreditsError)) throw error;
      return { status: "unsettled", reservationId: this.reservationId, error };
    }
  }

  async #commit(): Promise<Outcome> {
    const { reservationId } = this;
    // What costs nothing has no hold.
    if (reservationId === undefined) return { status: "committed", transactionId: null, committed: "0", released: "0" };
    const { reason: description, metadata, overrun } = this.#options;
    const told = await this.#post<Committed>("commit", { reservationId, ...this.#used, description, metadata, overrun });
    return { ...told, status: "committed" };
  }

  async #release(): Promise<Outcome> {
    const { reservationId } = this;
    if (reservationId !== undefined) await this.#post("refund-reservation", { reservationId });
    return { status: "released" };
  }

  /** Reserves under the key; after an earlier attempt whose work threw, under the next one made from it. */
  async #reserve(): Promise<void> {
    const { userId, reason, guildId, appId, expectedAmount } = this.#options;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      const idempotencyKey = attempt === 1 ? this.#key : `${this.#key}:${attempt}`;
      const held = await this.#post<Held>("reserve", {
        userId, ...costOf(this.#options), reason, guildId, appId, expectedAmount, idempotencyKey,
        expiresInSeconds: this.#seconds,
      });
      this.reservationId = held.reservationId ?? undefined;
      if (!held.replayed || this.reservationId === undefined) return;
      try {
        // It may have been made long ago: how it stands says the answer to this.
        return await this.#extend(true);
      } catch (error) {
        if (error instanceof ReservationAlreadyCommittedError) return void (this.alreadyCharged = true);
        if (!(error instanceof ReservationAlreadyReleasedError)) throw error;
        this.#released.push(this.reservationId);
      }
    }
    throw new RangeError(`${MOST_ATTEMPTS} attempts under the key ${this.#key} were released`);
  }

  #extend(repeatable: boolean): Promise<void> {
    return this.#post("extend", { reservationId: this.reservationId, expiresInSeconds: this.#seconds }, repeatable);
  }

  // Not ended by the signal: what work costs that has begun is settled, whether or not somebody still waits for it.
  #post<Answer>(name: string, body: unknown, repeatable = true): Promise<Answer> {
    return this.#transport.send<Answer>({ method: "POST", path: `${HOLDS}/${name}`, body, repeatable });
  }

  #forgiven(error: unknown): boolean {
    return error instanceof CreditsError && error.unavailable && this.#transport.unreachable === "allow";
  }

  get #seconds(): number {
    return this.#options.holdSeconds ?? 120;
  }
}

function costOf({ amount, items }: Cost): Cost {
  if ((amount === undefined) === (items === undefined)) throw new TypeError("a cost is either an amount or items");
  const cost = items === undefined ? { amount } : { items };
  // Throws while the work goes on, and not when it is to be settled, where one of them is not exact.
  write(cost);
  return cost;
}

function isNothing({ amount, items }: Cost): boolean {
  return items === undefined ? isZero(amount) : items.every(({ quantity }) => quantity !== undefined && isZero(quantity));
}

function keyOf({ key, requestId, items, reason }: ChargeOptions): string {
  if (key) return key;
  if (!requestId) throw new TypeError("a charge needs a key, or the id of the request that it is made from");
  const what = items === undefined ? reason : items.map((item) => item.operation).join("+");
  return `${requestId}:${[...what].slice(0, 80).join("")}`;
}

type End = (how: How) => Promise<unknown>;

/** A stream that tells how it ended, in place of one that work has returned; undefined if that is none. */
function followed(value: unknown, end: End, signal: AbortSignal | undefined): unknown {
  if (value instanceof ReadableStream) return stream(value, end, signal);
  if (value instanceof Response && value.body !== null) return new Response(stream(value.body, end, signal), value);
  const iterator = value as Partial<AsyncGenerator> | null | undefined;
  const follows = typeof iterator?.next === "function" && Symbol.asyncIterator in iterator;
  return follows ? generator(iterator as AsyncGenerator, end, signal) : undefined;
}

function stream(source: ReadableStream, end: End, signal: AbortSignal | undefined): ReadableStream {
  const reader = source.getReader();
  const cancel = async (reason: unknown): Promise<void> => void (await Promise.all([end("aborted"), reader.cancel(reason)]));
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          // What comes after an abort would not be charged.
          if (signal?.aborted) await cancel(signal.reason);
          signal?.throwIfAborted();
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          await end("done");
          controller.close();
        } catch (error) {
          await end("thrown");
          controller.error(error);
        }
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
}

function generator(source: AsyncGenerator, end: End, signal: AbortSignal | undefined): AsyncGenerator {
  type Step = Promise<IteratorResult<unknown>>;
  const step = async (taken: Step, how: How): Step => {
    try {
      const result = await taken;
      if (result.done) await end(how);
      return result;
    } catch (error) {
      await end("thrown");
      throw error;
    }
  };
  const following = {
    next: async (value: unknown): Step => {
      if (signal?.aborted) await following.return(undefined);
      signal?.throwIfAborted();
      return step(source.next(value), "done");
    },
    throw: (error: unknown) => step(source.throw(error), "done"),
    return: (value: unknown) => step(source.return(value), "aborted"),
    [Symbol.asyncIterator]: () => following,
  };
  return following as unknown as AsyncGenerator;
}

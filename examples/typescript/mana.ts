/** A small client of mana-credits, with what every caller has to know about retries and refusals. */

import { setTimeout as sleep } from "node:timers/promises";

const ATTEMPTS = 4;
const TRY_AGAIN = new Set([429, 503, 504]);

/** Credits on the wire have at most 15 digits, which a number carries exactly; sums need care. */
export type Credits = number;

export type Balance = {
  balance: Credits;
  totalEarned: Credits;
  totalSpent: Credits;
  reserved: Credits;
};

export type ErrorAnswer = {
  statusCode: number;
  code: string;
  message: string;
  details?: Record<string, unknown>;
};

/** The answer was no. Decide by `code`, show the figures of `details`, log `message`. */
export class Refused extends Error {
  readonly code: string;
  readonly details: Record<string, unknown>;

  constructor(answer: ErrorAnswer) {
    super(`${answer.statusCode} ${answer.code}: ${answer.message}`);
    this.code = answer.code;
    this.details = answer.details ?? {};
  }
}

/** Read a variable of the environment, or say which one is missing. */
export function env(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: see examples/README.md`);
  return value;
}

/**
 * Call the API, and return the answer or throw `Refused`. Give each thing that is to happen one
 * `idempotencyKey`, so that it happens once however often the call is repeated.
 */
export async function call<Answer>(
  headers: Record<string, string>,
  method: "GET" | "POST" | "PUT",
  path: string,
  body?: unknown,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const last = attempt === ATTEMPTS;
    let answer: Response;
    try {
      answer = await fetch(env("API") + path, {
        method,
        headers: { "Content-Type": "application/json", ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(15_000),
      });
    } catch (error) {
      // Nobody knows whether it happened. The same key again finds out.
      if (last) throw error;
      await sleep(attempt * 1000);
      continue;
    }
    if (TRY_AGAIN.has(answer.status) && !last) {
      await sleep(Number(answer.headers.get("Retry-After") ?? attempt) * 1000);
      continue;
    }
    if (!answer.ok) throw new Refused((await answer.json()) as ErrorAnswer);
    return (await answer.json()) as Answer;
  }
}

/** The headers of the user whose token is in a variable, such as ALICE. */
export const user = (token: string) => ({ Authorization: `Bearer ${env(token)}` });

/** The headers of a trusted service, with the key in SERVICE_KEY. */
export const service = (appId: string) => ({
  "X-Service-Key": env("SERVICE_KEY"),
  "X-App-Id": appId,
});

import { read, write } from "./amounts.js";
import { CreditsError, UnreachableError } from "./errors.js";
import { ERRORS } from "./generated.js";

/** Who calls which service, and how patiently. */
export interface ClientOptions {
  /** Address of the service, such as https://credits.example; with or without /api/v1. */
  baseUrl: string;
  /** Key of a trusted service: for backends alone. */
  serviceKey?: string;
  /** A user's token, or what returns the present one: for web pages. */
  token?: string | (() => string | Promise<string>);
  /** The calling app, where a call names none. */
  appId?: string;
  /** What a charge does when the service cannot be reached: refuse the work, or let it be done uncharged. */
  unreachable: "refuse" | "allow";
  /** Longest wait for one answer, in milliseconds: 10000 unless named. */
  timeoutMs?: number;
  /** How long a call is repeated in all, in milliseconds: 10000 unless named, 0 is never. */
  patienceMs?: number;
  /** Another fetch than the global one. */
  fetch?: typeof globalThis.fetch;
}

/** One call, and whether a repetition does no harm. */
export interface Call {
  method: string;
  path: string;
  query?: Record<string, unknown> | undefined;
  body?: unknown;
  key?: string | undefined;
  repeatable: boolean;
  signal?: AbortSignal | undefined;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;

export class Transport {
  readonly unreachable: "refuse" | "allow";
  readonly #options: ClientOptions;
  readonly #base: string;

  constructor(options: ClientOptions) {
    if (options.unreachable !== "refuse" && options.unreachable !== "allow") {
      throw new TypeError('say what happens when the service cannot be reached: unreachable: "refuse" or "allow"');
    }
    if (!/^https?:\/\/./.test(options.baseUrl)) {
      throw new TypeError(`baseUrl is the address of mana-credits, such as https://credits.example, and not ${options.baseUrl}`);
    }
    this.unreachable = options.unreachable;
    this.#options = options;
    this.#base = options.baseUrl.replace(/\/+$/, "").replace(/\/api\/v1$/, "");
  }

  /** Sends a call, again while it may help and nobody said no. An answer of 4xx, 429 included, is never repeated. */
  async send<Answer>(call: Call): Promise<Answer> {
    const deadline = Date.now() + (this.#options.patienceMs ?? 10_000);
    for (let attempt = 0; ; attempt++) {
      try {
        return (await this.#once(call)) as Answer;
      } catch (error) {
        if (!(error instanceof CreditsError) || !error.unavailable || !call.repeatable) throw error;
        const backoff = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
        // What the service asks for is a minimum: a little later is right for all who wait.
        const pause = (error.retryAfterSeconds ?? 0) * 1000 + backoff;
        if (Date.now() + pause > deadline || call.signal?.aborted) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  async #once(call: Call): Promise<unknown> {
    const url = this.#base + call.path + queryOf(call.query);
    const asked = {
      method: call.method,
      headers: await this.#headers(call),
      redirect: "manual",
      signal: AbortSignal.any([AbortSignal.timeout(this.#options.timeoutMs ?? 10_000), ...(call.signal ? [call.signal] : [])]),
      ...(call.body === undefined ? {} : { body: write(call.body) }),
    } as const;
    const answer = async (): Promise<[Response, string]> => {
      const response = await (this.#options.fetch ?? globalThis.fetch)(url, asked);
      return [response, await response.text()];
    };
    const [response, text] = await answer().catch((error: unknown) => {
      if (call.signal?.aborted) throw error;
      throw new UnreachableError(`${call.method} ${url} had no answer: ${reasonOf(error)}`, error);
    });
    if (response.ok && text === "") return undefined;
    let told: unknown;
    try {
      told = read(text);
    } catch {
      // Not ours: see below.
    }
    if (response.ok && told !== undefined) return told;
    throw refusal(`${call.method} ${url}`, response, told as Told | undefined);
  }

  async #headers(call: Call): Promise<Record<string, string>> {
    const { serviceKey, token, appId } = this.#options;
    return {
      Accept: "application/json",
      ...(call.body !== undefined && { "Content-Type": "application/json" }),
      ...(call.key !== undefined && { "Idempotency-Key": call.key }),
      ...(serviceKey !== undefined && { "X-Service-Key": serviceKey }),
      ...(serviceKey !== undefined && appId !== undefined && { "X-App-Id": appId }),
      ...(token !== undefined && { Authorization: `Bearer ${typeof token === "function" ? await token() : token}` }),
    };
  }
}

/** What fetch says, which keeps the better word as its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  return cause?.message || cause?.code || message || String(error);
}

interface Told {
  code: string;
  message: string;
  details?: unknown;
}

function refusal(call: string, response: Response, told: Told | null | undefined): CreditsError {
  const requestId = response.headers.get("X-Request-Id") ?? undefined;
  const wait = Number(response.headers.get("Retry-After") ?? NaN);
  const retryAfterSeconds = Number.isFinite(wait) ? wait : undefined;
  const known = { requestId, retryAfterSeconds, status: response.status };
  if (typeof told?.code !== "string") {
    // Not ours: a proxy's, or another server's.
    const message = `${call}: status ${response.status}, and not an answer of mana-credits; is baseUrl its address?`;
    return new CreditsError({ ...known, code: "unknown", message, details: undefined });
  }
  const { code, message, details } = told;
  const kind: new (told: never) => CreditsError = Object.hasOwn(ERRORS, code) ? ERRORS[code as keyof typeof ERRORS] : CreditsError;
  return new kind({ ...known, code, message, details } as never);
}

function queryOf(query: Record<string, unknown> | undefined): string {
  const named = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(named.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

import { charge, type ChargeOptions, type Running } from "./charge.js";
import type { components, paths } from "./openapi.js";
import { Transport, type ClientOptions } from "./transport.js";

type Schemas = components["schemas"];
type Json<Content> = Content extends { content: { "application/json": infer Body } } ? Body : never;
type Methods<Path extends keyof paths> = {
  [Method in keyof paths[Path]]-?: NonNullable<paths[Path][Method]> extends { responses: unknown } ? Method : never;
}[keyof paths[Path]];
type Operation<Path extends keyof paths, Method extends keyof paths[Path]> = NonNullable<paths[Path][Method]>;
type Parameters<Op, Where extends string> = Op extends { parameters: { [W in Where]?: infer P } } ? NonNullable<P> : never;
type Sent<Op> = Op extends { requestBody?: infer Body } ? Json<NonNullable<Body>> : never;
type Answer<Op> = Op extends { responses: infer R } ? Json<R[Extract<keyof R, 200 | 201 | 202>]> : never;

// POSTs that are known again by what they name, or move nothing.
const KNOWN_AGAIN = /\/(commit|extend|refund-reservation|grant|init|redeem-pending|quote|explain)$/;

/** What goes with a request: `path` are the values in its path. */
export interface RequestParts<Op> {
  path?: Parameters<Op, "path">;
  query?: Parameters<Op, "query">;
  body?: Sent<Op>;
  /** Idempotency key; a call that moves credits is only repeated with one. */
  key?: string;
  signal?: AbortSignal;
}

/** Calls mana-credits, as a trusted service or for a user. Amounts in answers are decimal strings. */
export class CreditsClient {
  readonly #transport: Transport;

  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
  }

  /**
   * Holds the most that it may cost, runs, and commits what `running.used` said, or all.
   *
   * Throws what the work throws, after a release. If the work returns a ReadableStream, a Response or an async
   * generator, the charge goes on until that ends. If it is aborted, what was used by then is committed.
   * Too few credits: InsufficientCreditsError, before the work. Done but not to be charged: UnsettledError.
   */
  charge<T>(options: ChargeOptions, run: (running: Running) => Promise<T> | T): Promise<T> {
    return charge(this.#transport, options, run);
  }

  /** Any call of the reference, typed by its path: `request("get", "/api/v1/credits/packages")`. */
  request<Path extends keyof paths, Method extends Methods<Path>>(
    method: Method,
    path: Path,
    parts: RequestParts<Operation<Path, Method>> = {},
  ): Promise<Answer<Operation<Path, Method>>> {
    const { path: values, query, body, key, signal } = parts as RequestParts<never> & { path?: Record<string, string> };
    const filled = path.replace(/{(\w+)}/g, (_, name: string) => {
      const value = values?.[name];
      if (!value) throw new TypeError(`${path} needs ${name}`);
      return encodeURIComponent(value);
    });
    const repeatable = method !== "post" || key !== undefined || KNOWN_AGAIN.test(path);
    return this.#transport.send({ method: String(method).toUpperCase(), path: filled, query, body, key, repeatable, signal });
  }

  /** What a user has. */
  balance(userId: string): Promise<Schemas["CountedBalance"]> {
    return this.request("get", "/api/v1/internal/credits/balance/{userId}", { path: { userId } });
  }
}

/** The running service, people with credits, and a connection to it that can be disturbed. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { CreditsClient, type ClientOptions } from "../dist/index.js";

export function env(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

export const options: ClientOptions = {
  baseUrl: env("API"),
  serviceKey: env("SERVICE_KEY"),
  appId: "chat",
  unreachable: "refuse",
};

export const credits = new CreditsClient(options);

export function unique(kind: string): string {
  return `${kind}-${crypto.randomUUID()}`;
}

/** A user whom nobody else uses, with so many credits. */
export async function person(amount: string): Promise<string> {
  const userId = unique("user");
  const body = { userId, amount, reason: "welcome", referenceId: "welcome" };
  await credits.request("post", "/api/v1/internal/credits/grant", { body });
  return userId;
}

export async function balanceOf(userId: string): Promise<string> {
  const { balance, reserved } = await credits.balance(userId);
  return `${balance} + ${reserved}`;
}

/** What becomes of a request; null is nothing out of the ordinary. */
export type Fault = "lost request" | "lost answer" | { status: number; retryAfter?: string; body?: string } | null;

/** A way to the service on which each request meets the next of these faults; afterwards none. */
export class Line implements AsyncDisposable {
  readonly asked: { path: string; body: Record<string, unknown>; at: number }[] = [];
  readonly #server = createServer((request, response) => void this.#forward(request, response));
  readonly #faults: Fault[];

  private constructor(faults: Fault[]) {
    this.#faults = faults;
  }

  static async open(...faults: Fault[]): Promise<Line> {
    const line = new Line(faults);
    await new Promise<void>((resolve) => line.#server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  get options(): ClientOptions {
    return { ...options, baseUrl: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}` };
  }

  paths(): string[] {
    return this.asked.map(({ path }) => path.replace("/api/v1/internal/credits/", ""));
  }

  /** From now on every request is lost, or none any more. */
  cut(lost: boolean): void {
    this.#faults.splice(0, Infinity, ...Array<Fault>(lost ? 1000 : 0).fill("lost request"));
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const path = request.url ?? "";
    this.asked.push({ path, body: body.length ? JSON.parse(body.toString()) : {}, at: Date.now() });
    const fault = this.#faults.shift() ?? null;
    if (fault === "lost request") return void request.socket.destroy();
    if (fault !== null && typeof fault === "object") {
      const headers = { "Content-Type": "application/json", ...(fault.retryAfter && { "Retry-After": fault.retryAfter }) };
      return void response.writeHead(fault.status, headers).end(fault.body ?? "");
    }
    const { host: _, connection: __, "content-length": ___, ...headers } = request.headers;
    const answer = await fetch(env("API") + path, {
      method: request.method ?? "GET",
      headers: headers as Record<string, string>,
      ...(body.length && { body }),
    });
    const text = await answer.text();
    if (fault === "lost answer") return void request.socket.destroy();
    response.writeHead(answer.status, { "Content-Type": "application/json" }).end(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

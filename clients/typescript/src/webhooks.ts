import { read } from "./amounts.js";

/** Whose account it is: a user's, or a guild's pool. */
interface Account {
  userId?: string;
  guildId?: string;
}

/** What each type of event tells; amounts are decimal strings. */
export interface EventData {
  "balance.changed": Account & {
    transactionId: string;
    type: string;
    amount: string;
    balance: string;
    reserved: string;
    appId?: string;
  };
  "balance.low": Account & { threshold: string; balance: string; reserved: string };
  "gift.redeemed": {
    userId: string;
    giftId: string;
    transactionId: string;
    credits: string;
    portionNumber: number;
    totalPortions: number;
  };
  "purchase.completed": {
    userId: string;
    purchaseId: string;
    packageId: string;
    transactionId: string;
    credits: string;
    priceEuroCents: number;
  };
  "hold.expired": Account & { reservationId: string; amount: string; expiredAt: string };
}

/** An event of the types above. Others may come: skip what you do not know. */
export type CreditsEvent = {
  [Type in keyof EventData]: { id: string; type: Type; timestamp: string; data: EventData[Type] };
}[keyof EventData];

/** The headers or the signature of a message are not as they should be: answer 401 and do nothing. */
export class WebhookError extends Error {
  override name = "WebhookError";
}

/** Runs a statement of yours: `(text, values) => client.query(text, values)` with pg, or what returns the same. */
export type Query = (text: string, values: (string | number)[]) => Promise<{ rows: readonly Record<string, any>[] }>;

const TOLERANCE_SECONDS = 300;
// As text, so that no driver makes a float of an amount, or of a position.
const READ = `
  select "position"::text, id::text, json_build_object('type', type, 'data', data, 'timestamp',
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text as event
  from credits.read_events(p_consumer => $1, p_limit => $2)`;
const ACKNOWLEDGE = "select credits.ack_events(p_consumer => $1, p_position => $2)";

/**
 * Verifies a message (Standard Webhooks) and returns its event.
 *
 * It may come again: whoever must act once keeps the ids of events it has dealt with.
 *
 * @param body The body as it came, not parsed.
 * @param headers The request's headers.
 * @param secrets Begins with whsec_; several while one is being replaced.
 */
export async function readWebhook(
  body: string | Uint8Array,
  headers: Headers | Record<string, string | string[] | undefined>,
  secrets: string | readonly string[],
  now = new Date(),
): Promise<CreditsEvent> {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const [id, timestamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => {
    // Some servers leave names as they came.
    const named = (): unknown => Object.entries(headers).find(([one]) => one.toLowerCase() === name)?.[1];
    const value = headers instanceof Headers ? headers.get(name) : named();
    if (typeof value !== "string" || value === "") throw new WebhookError(`the header ${name} is missing`);
    return value;
  }) as [string, string, string];
  const age = Math.abs(now.getTime() / 1000 - Number(timestamp));
  if (!(age <= TOLERANCE_SECONDS)) throw new WebhookError("the message is too old or too new");
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${text}`);
  for (const secret of typeof secrets === "string" ? [secrets] : (secrets ?? [""])) {
    const raw = secret.replace(/^whsec_/, "");
    if (raw === "") throw new TypeError("the secret of the webhook is missing: it begins with whsec_");
    const key = await crypto.subtle.importKey(
      "raw", bytes(raw), { name: "HMAC", hash: "SHA-256" }, false, ["verify"],
    );
    for (const signature of signatures.split(" ")) {
      const [version, value] = signature.split(",");
      // Compares in constant time.
      if (version === "v1" && (await crypto.subtle.verify("HMAC", key, bytes(value ?? ""), signed))) {
        return readEvent(id, text);
      }
    }
  }
  throw new WebhookError("no signature is right");
}

/** Reads an event whose origin is known. */
export function readEvent(id: string, text: string): CreditsEvent {
  return { ...(read(text) as Omit<CreditsEvent, "id">), id } as CreditsEvent;
}

/**
 * Yields what a registered consumer has not dealt with yet, until there is nothing more, and acknowledges each batch when the next
 * event is asked for after its last: a loop that is left or throws gets the batch again.
 *
 * If `query` runs in a transaction of yours, what is done and the acknowledgement are one.
 */
export async function* readEvents(
  query: Query,
  consumer: string,
  { limit = 100 }: { limit?: number } = {},
): AsyncGenerator<CreditsEvent, void, undefined> {
  for (;;) {
    const { rows } = await query(READ, [consumer, limit]);
    for (const { id, event } of rows) yield readEvent(id, event);
    const last = rows.at(-1);
    if (!last) return;
    await query(ACKNOWLEDGE, [consumer, last.position]);
  }
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    throw new WebhookError("a secret or a signature is not base64");
  }
}

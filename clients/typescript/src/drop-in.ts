/**
 * The functions that services import today, with the names, arguments and answers that they have.
 *
 * `validateCredits` holds the credits, and `consumeCredits` commits that hold: what was found to be there is there
 * when the work is done. A hold whose work failed ends by itself.
 */

import { isZero } from "./amounts.js";
import { CreditsError } from "./errors.js";
import { InsufficientCreditsError } from "./generated.js";
import { Transport, type ClientOptions } from "./transport.js";

export interface CreditBalance {
  balance: number;
  totalEarned: number;
  totalSpent: number;
}

export interface CreditValidationResult {
  hasCredits: boolean;
  availableCredits: number;
  requiredCredits?: number;
}

interface Held {
  reservationId: string;
  amount: number;
  since: number;
}

const HOLD_SECONDS = 600;
// A hold that has run out is still committed, from what is there then; a job takes an hour.
const FORGOTTEN_AFTER_MS = 24 * 60 * 60 * 1000;
const ROUTES = "/api/v1/internal/credits";

const holds = new Map<string, Held[]>();
let configured: { transport: Transport; appId: string } | undefined;

/** Sets what is otherwise read from MANA_CREDITS_URL, MANA_SERVICE_KEY, APP_ID and MANA_CREDITS_UNREACHABLE. */
export function configureCredits(options: ClientOptions): void {
  configured = { transport: new Transport(options), appId: options.appId ?? "unknown" };
}

/** A user's balance. Throws a CreditsError if it cannot be had: there is no balance to assume. */
export async function getBalance(userId: string): Promise<CreditBalance> {
  const path = `${ROUTES}/balance/${encodeURIComponent(userId)}`;
  const told = await settings().transport.send<Record<keyof CreditBalance, string>>({ method: "GET", path, repeatable: true });
  return { balance: Number(told.balance), totalEarned: Number(told.totalEarned), totalSpent: Number(told.totalSpent) };
}

/** Holds the credits that an operation needs. */
export async function validateCredits(userId: string, operation: string, amount: number): Promise<CreditValidationResult> {
  const told = { requiredCredits: amount };
  try {
    if (isZero(exact(amount))) return { ...told, hasCredits: true, availableCredits: (await getBalance(userId)).balance };
    const held = await post<{ reservationId: string; balance: string }>("reserve", {
      userId, amount: exact(amount), reason: operation, appId: settings().appId,
      expiresInSeconds: HOLD_SECONDS, idempotencyKey: crypto.randomUUID(),
    });
    const now = Date.now();
    const others = open(userId, operation).filter((one) => now - one.since < FORGOTTEN_AFTER_MS);
    holds.set(nameOf(userId, operation), [...others, { reservationId: held.reservationId, amount, since: now }]);
    return { ...told, hasCredits: true, availableCredits: Number(held.balance) + amount };
  } catch (error) {
    const refused = asRefusal(error);
    if (refused.unavailable) return { ...told, hasCredits: settings().transport.unreachable === "allow", availableCredits: 0 };
    const available = refused instanceof InsufficientCreditsError ? Number(refused.details.available) : 0;
    return { ...told, hasCredits: false, availableCredits: available };
  }
}

/**
 * Commits what `validateCredits` held, or charges at once where it held nothing; whether it was charged. What it costs
 * above the hold is taken from what else is there, all of it or nothing; into debt, as far as the service's cap allows.
 */
export async function consumeCredits(
  userId: string, operation: string, amount: number, description: string, metadata?: Record<string, unknown>,
): Promise<boolean> {
  if (isZero(exact(amount))) return true;
  const held = take(userId, operation, amount);
  const what = { amount: exact(amount), description, metadata: { operation, ...metadata } };
  return done(
    held === undefined
      ? post("use", { ...what, userId, appId: settings().appId, idempotencyKey: crypto.randomUUID() })
      : post("commit", { ...what, reservationId: held.reservationId, overrun: "debt" }),
  );
}

/** Gives credits back; whether that was done. */
export async function refundCredits(
  userId: string, amount: number, description: string, metadata?: Record<string, unknown>,
): Promise<boolean> {
  const { appId } = settings();
  return done(post("refund", { userId, amount: exact(amount), description, metadata, appId, idempotencyKey: crypto.randomUUID() }));
}

function post<Answer>(name: string, body: unknown): Promise<Answer> {
  return settings().transport.send<Answer>({ method: "POST", path: `${ROUTES}/${name}`, body, repeatable: true });
}

async function done(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    const refused = asRefusal(error);
    console.error(`[credits] ${refused.code}: ${refused.message} (request ${refused.requestId ?? "without an answer"})`);
    return false;
  }
}

/** The newest hold that is large enough, or the newest: what is left of an older one was of work that failed. */
function take(userId: string, operation: string, amount: number): Held | undefined {
  const there = open(userId, operation);
  // At -1 is the last.
  const at = there.findLastIndex((one) => one.amount >= amount);
  const [held] = there.splice(at, 1);
  if (there.length === 0) holds.delete(nameOf(userId, operation));
  return held;
}

function open(userId: string, operation: string): Held[] {
  return holds.get(nameOf(userId, operation)) ?? [];
}

function nameOf(userId: string, operation: string): string {
  return JSON.stringify([userId, operation]);
}

/** The amount without what floats add to it: 0.1 + 0.2 is 0.3. */
function exact(amount: number): string {
  return amount.toFixed(6);
}

function asRefusal(error: unknown): CreditsError {
  if (error instanceof CreditsError) return error;
  throw error;
}

function settings(): { transport: Transport; appId: string } {
  if (configured === undefined) {
    const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
    const { MANA_CREDITS_URL, MANA_SERVICE_KEY, APP_ID, MANA_CREDITS_UNREACHABLE } = process?.env ?? {};
    if (!MANA_SERVICE_KEY) throw new TypeError("MANA_SERVICE_KEY is missing");
    if (!MANA_CREDITS_UNREACHABLE) throw new TypeError("MANA_CREDITS_UNREACHABLE is missing: say refuse or allow");
    configureCredits({
      baseUrl: MANA_CREDITS_URL || "http://localhost:3061",
      serviceKey: MANA_SERVICE_KEY,
      appId: APP_ID || "unknown",
      unreachable: MANA_CREDITS_UNREACHABLE as "refuse" | "allow",
    });
  }
  return configured as NonNullable<typeof configured>;
}

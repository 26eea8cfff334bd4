import { AMOUNTS } from "./generated.js";

/** What is accepted as an amount. Numbers only with at most 6 digits after the point: 0.5, but not 0.1 + 0.2. */
export type AmountLike = string | number | bigint;

const AMOUNT = /^-?\d{1,15}(\.\d{1,6})?$/;
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** The digits of an amount, exactly as they are. Throws a RangeError where there are none such. */
export function digits(amount: AmountLike): string {
  const text = String(amount);
  if (!AMOUNT.test(text)) throw new RangeError(`not an amount with at most 6 digits after the point: ${text}`);
  return text;
}

/** Whether an amount is 0, however it is written. */
export function isZero(amount: AmountLike): boolean {
  return !/[1-9]/.test(digits(amount));
}

/** JSON as the service wants it: amounts may be strings here, and are numbers there, digit by digit. */
export function write(value: unknown, name = ""): string {
  if (Array.isArray(value)) return `[${value.map((one) => write(one, name)).join(",")}]`;
  if (AMOUNTS.has(name) && (typeof value === "string" || typeof value === "number" || typeof value === "bigint")) {
    return digits(value);
  }
  if (value === null || typeof value !== "object" || value instanceof Date || name === "metadata") {
    return JSON.stringify(value) ?? "null";
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${write(member, key)}`).join(",")}}`;
}

/** JSON of the service's: amounts are strings with all of their digits, other numbers numbers. */
export function read(text: string): unknown {
  // No number goes through a binary float on the way: each becomes a string first, told apart by its first letter.
  const marked = text.replace(TOKEN, (token) => (token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`));
  return unmark(JSON.parse(marked), false, true);
}

function unmark(value: unknown, exact: boolean, ours: boolean): unknown {
  if (typeof value === "string") {
    const rest = value.slice(1);
    return value.startsWith("s") || exact ? rest : Number(rest);
  }
  if (Array.isArray(value)) return value.map((one) => unmark(one, exact, ours));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([marked, member]) => {
      const name = marked.slice(1);
      // What callers put into metadata is theirs, whatever they call it.
      const known = ours && name !== "metadata";
      return [name, unmark(member, known && (exact || AMOUNTS.has(name)), known)];
    }),
  );
}

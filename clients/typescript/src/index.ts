export type { AmountLike } from "./amounts.js";
export type { ChargeOptions, Cost, Item, Once, Outcome, Running } from "./charge.js";
export { CreditsClient, type RequestParts } from "./client.js";
export * from "./errors.js";
export * from "./generated.js";
export type { components, paths } from "./openapi.js";
export type { ClientOptions } from "./transport.js";
export * from "./webhooks.js";

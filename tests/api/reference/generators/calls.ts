// Calls with types that openapi-typescript has made of the document: `node calls.js URL TOKEN KEY USER`.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { argv: string[] };

const [, , baseUrl = "", token = "", serviceKey = "", userId = ""] = process.argv;

const mine = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
const service = createClient<paths>({ baseUrl, headers: { "X-Service-Key": serviceKey } });

function same(found: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a} is not ${b}`);
}

// What may be left out may be left out.
const answer: components["schemas"]["UserUse"] = {
  amount: 0.5,
  appId: "chat",
  description: "One answer",
  metadata: { model: "large", tokens: 812 },
};

const used = await mine.POST("/api/v1/credits/use", {
  body: answer,
  params: { header: { "Idempotency-Key": "answer-1" } },
});
same(used.data?.newBalance.balance, 9.5);
same(used.data?.transaction?.metadata?.["tokens"], 812);

const again = await mine.POST("/api/v1/credits/use", { body: { ...answer, idempotencyKey: "answer-1" } });
same(again.data?.replayed, true);

const refused = await mine.POST("/api/v1/credits/use", { body: { ...answer, amount: 100 } });
if (refused.error?.code === "insufficient_credits") {
  // Its code says which details there are.
  same(refused.error.details.required, 100);
  same(refused.error.details.available, 9.5);
} else {
  throw new Error("a debit of more than there is was not refused");
}

const page = await mine.GET("/api/v1/credits/transactions", { params: { query: { limit: 1, type: "usage" } } });
// A list and nothing else: the table has a path of its own.
const rows: components["schemas"]["Transaction"][] = page.data ?? [];
same(rows.map((row) => [row.amount, row.guildId]), [[-0.5, null]]);

const table = await mine.GET("/api/v1/credits/transactions.csv", { parseAs: "text" });
const text: string = table.data ?? "";
same(text.startsWith("id,userId,type,"), true);

const gift = await mine.POST("/api/v1/gifts", { body: { totalCredits: 2, expirationDays: 30 } });
same(gift.data?.totalPortions, 1);

const held = await service.POST("/api/v1/internal/credits/reserve", {
  body: { userId, amount: 3, reason: "A picture", appId: "pictures" },
});
const reservationId = held.data?.reservationId ?? "none";
const committed = await service.POST("/api/v1/internal/credits/commit", { body: { reservationId, amount: 1 } });
same(committed.data?.released, 2);

const balance = await mine.GET("/api/v1/credits/balance");
same(balance.data?.balance, 6.5);

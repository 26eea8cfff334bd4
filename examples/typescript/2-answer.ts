// Charge for an AI answer whose price is known only afterwards: hold the most that it may cost,
// then commit what it did cost, or release the hold if there is no answer.

import { type Balance, type Credits, Refused, call, env, service, user } from "./mana.ts";

type Hold = { reservationId: string; balance: Credits };
type Committed = { transactionId: string; committed: Credits; released: Credits };

const chat = service("chat");

async function answer(messageId: string, question: string, most: Credits): Promise<string> {
  let hold: Hold;
  try {
    hold = await call<Hold>(chat, "POST", "/internal/credits/reserve", {
      userId: env("ALICE_ID"),
      amount: most,
      reason: "One answer",
      idempotencyKey: `hold-${messageId}`,
    });
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "insufficient_credits") throw error; // 402
    const { required, available } = error.details;
    return `This may cost ${required} credits and you have ${available}: buy some?`;
  }
  const { reservationId } = hold;
  let reply: { text: string; cost: Credits };
  try {
    reply = model(question);
  } catch {
    // Without this line the hold would end by itself, 24 hours later.
    await call(chat, "POST", "/internal/credits/refund-reservation", { reservationId });
    return "The model is down. You have not been charged.";
  }
  const { committed, released } = await call<Committed>(chat, "POST", "/internal/credits/commit", {
    reservationId,
    amount: reply.cost,
    description: question,
  });
  return `${reply.text} (${committed} credits, ${released} are free again)`;
}

// Stands for a language model, which is sometimes down.
function model(question: string) {
  if (question.includes("love")) throw new Error("down");
  return { text: "Rayleigh scattering.", cost: 1.25 };
}

const questions = [
  ["Why is the sky blue?", 4],
  ["What is love?", 4],
  ["A novel", 5000],
] as const;

for (const [question, most] of questions) {
  console.log(`> ${question}`);
  // In an app the key comes from the id of the message in its own database.
  console.log(`  ${await answer(crypto.randomUUID(), question, most)}`);
}
const { balance, reserved } = await call<Balance>(user("ALICE"), "GET", "/credits/balance");
console.log(`balance ${balance}, reserved ${reserved}`);

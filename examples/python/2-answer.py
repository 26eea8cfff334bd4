"""Charge for an AI answer whose price is known only afterwards.

Hold the most that it may cost, then commit what it did cost, or release the hold if there is no
answer.
"""

import os
import uuid

import mana

chat = mana.service("chat")


def main() -> None:
    """Ask three questions: one is answered, one is not, one costs more than there is."""
    for question, most in (("Why is the sky blue?", 4), ("What is love?", 4), ("A novel", 5000)):
        print(f"> {question}")
        # In an app this is the id of the message in its own database.
        print(f"  {answer(str(uuid.uuid4()), question, most)}")
    balance = mana.user("ALICE").get("/credits/balance")
    print(f"balance {balance['balance']}, reserved {balance['reserved']}")


def answer(message_id: str, question: str, most: int) -> str:
    """Return the text to show for a message that may cost so much."""
    try:
        hold = chat.post(
            "/internal/credits/reserve",
            userId=os.environ["ALICE_ID"],
            amount=most,
            reason="One answer",
            idempotencyKey=f"hold-{message_id}",
        )
    except mana.RefusedError as refused:
        if refused.code != "insufficient_credits":  # 402
            raise
        need, have = refused.details["required"], refused.details["available"]
        return f"This may cost {need} credits and you have {have}: buy some?"
    try:
        text, cost = model(question)
    except ModelDownError:
        # Without this line the hold would end by itself, 24 hours later.
        chat.post(
            "/internal/credits/refund-reservation",
            reservationId=hold["reservationId"],
        )
        return "The model is down. You have not been charged."
    committed = chat.post(
        "/internal/credits/commit",
        reservationId=hold["reservationId"],
        amount=cost,
        description=question,
    )
    return f"{text} ({committed['committed']} credits, {committed['released']} are free again)"


class ModelDownError(Exception):
    """There is no answer."""


def model(question: str) -> tuple[str, float]:
    """Stand for a language model: return its answer and what that costs."""
    if "love" in question:
        raise ModelDownError
    return "Rayleigh scattering.", 1.25


main()

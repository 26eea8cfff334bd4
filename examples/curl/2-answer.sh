#!/bin/sh
# Charge for an AI answer whose price is known only afterwards: hold the most that it may cost,
# then commit what it did cost, or release the hold if there is no answer.
set -eu

# --retry waits as long as Retry-After says. To repeat a call is safe: its idempotency key makes it
# the same call, and a hold is committed or released once.
service() {
    curl -sS --fail-with-body --retry 3 "$API/internal/credits/$1" -d "$2" \
        -H "X-Service-Key: $SERVICE_KEY" -H "X-App-Id: chat" -H "Content-Type: application/json"
}

field() {
    grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4
}

# Stands for a language model, which is sometimes down.
model() {
    [ "$1" != "What is love?" ] && echo "Rayleigh scattering."
}

ask() {
    question=$1 most=$2
    # In an app this is the id of the message in its own database.
    message=message-$(date +%s)-$$-$most
    echo "> $question (at most $most credits)"
    if ! hold=$(service reserve "{\"userId\": \"$ALICE_ID\", \"amount\": $most,
            \"reason\": \"One answer\", \"idempotencyKey\": \"hold-$message\"}"); then
        echo "refused: $hold"
        return
    fi
    echo "held:    $hold"
    hold=$(echo "$hold" | field reservationId)
    if answer=$(model "$question"); then
        echo "answer:  $answer"
        service commit "{\"reservationId\": \"$hold\", \"amount\": 1.25}"
    else
        echo "no answer, so nothing is charged"
        service refund-reservation "{\"reservationId\": \"$hold\"}"
    fi
    echo
}

ask "Why is the sky blue?" 4
ask "What is love?" 4.5
ask "Write a novel" 5000 # 402: show `required` and `available`, and offer credits for sale

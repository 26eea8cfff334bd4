#!/bin/sh
# A budget for a team: alice funds the pool of her guild, sets bob a limit, and bob reaches it.
set -eu

# Usage: call TOKEN METHOD PATH BODY
call() {
    curl -sS -w '\n' --fail-with-body --retry 3 -X "$2" "$API/credits/guild/$GUILD$3" -d "$4" \
        -H "Authorization: Bearer $1" -H "Content-Type: application/json"
}

# A key is made once for each thing that is to happen, and sent again with each repetition.
key() {
    echo "$1-$(date +%s)-$$"
}

call "$ALICE" POST /fund "{\"amount\": 20, \"idempotencyKey\": \"$(key fund)\"}"
call "$ALICE" PUT "/members/$BOB_ID/limits" '{"dailyLimit": 5}'
for n in 1 2; do
    call "$BOB" POST /use "{\"amount\": 3, \"appId\": \"chat\", \"description\": \"Question $n\",
        \"idempotencyKey\": \"$(key "question-$n")\"}" ||
        echo "^ the second one is too much for today: \`resetsAt\` says when bob can go on"
done
curl -sS "$API/credits/guild/$GUILD/members/$BOB_ID/spending" -H "Authorization: Bearer $BOB"
echo

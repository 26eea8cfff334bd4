# What the page of a gift says, in English. The other catalogues have the same messages.

credits = { $count ->
    [one] { $count } credit
   *[other] { $count } credits
}

tagline = Gift credits for { $brand }
somebody = Somebody
heading = { $sender } has sent you { $worth }
open-summary = Open your gift and redeem it by { DATETIME($at, dateStyle: "long", timeZone: "Europe/Zurich") }.
from = From { $name }

riddle = First, a riddle
riddle-note = You will be asked for the answer when you redeem the gift.
redeem = Redeem { $worth }
redeem-elsewhere = Or enter this code in any app of { $brand }:
redeem-how = How to redeem it
redeem-steps = Sign in to any app of { $brand }, choose to redeem a gift, and enter this code:
code = Code of the gift
copy = Copy
copied = Copied
one-person = It is for one person in particular: sign in as the one whom it was meant for.

lasts-until = Lasts until
zurich-time = { DATETIME($at, dateStyle: "full", timeZone: "Europe/Zurich") }, { DATETIME($at, timeStyle: "short", timeZone: "Europe/Zurich") } in Zurich
utc-time = { DATETIME($at, dateStyle: "long", timeZone: "UTC") }, { DATETIME($at, timeStyle: "short", timeZone: "UTC") } UTC
days-left = { $count ->
    [one] { $count } day left
   *[other] { $count } days left
}
hours-left = { $count ->
    [one] { $count } hour left
   *[other] { $count } hours left
}
minutes-left = { $count ->
    [one] { $count } minute left
   *[other] { $count } minutes left
}
moment-left = A moment left

shared-by = Shared by
shares = { $count ->
    [one] { $count } person, { $worth }
   *[other] { $count } people, { $worth } each
}
portions-left = { $count ->
    [one] { $count } portion is left
   *[other] { $count } portions are left
}

qr-code = QR code of the address of this page
qr-note = Scan this to open the gift on a phone.
care-redeem = Whoever has this link can redeem the gift, so pass it on with care.
care-read = Whoever has this link can read this page, so pass it on with care.
picture = A gift box with a ribbon

go-on = Go to { $brand }
try-again = Try again

cancelled = This gift was taken back
cancelled-summary = It can no longer be redeemed. If you were expecting it, ask whoever sent you the link: maybe another one is on its way.
depleted = This gift has been redeemed
depleted-summary = The { $worth } in it went to somebody. If that was you: enjoy! They are in your balance.
depleted-shared-summary = { $count ->
    [one] Its one portion of { $worth } went to somebody.
   *[other] All { $count } portions of { $worth } went to somebody.
} If one of them is yours: enjoy! It is in your balance.
expired = This gift has expired
expired-summary = It could be redeemed until { DATETIME($at, dateStyle: "long", timeZone: "Europe/Zurich") }; what nobody claimed goes back to whoever gave it. They may be glad to send you a new one.

not-found = There is no such gift
not-found-summary = Maybe a character of its code got lost on the way. A code has 10 letters and digits, without the letters I and O and the digits 0 and 1. If you were sent a link, ask for it once more.
other-code = Enter the code once more
find = Find the gift
too-many = One moment, please
too-many-summary = Many gifts were looked up from your network just now. Nothing has happened to yours: try again { $seconds ->
    [one] in { $seconds } second
   *[other] in { $seconds } seconds
}.
unavailable = Back in a moment
unavailable-summary = The gift is safe, it just cannot be shown right now. Please try again shortly.
mistake = Something went wrong
mistake-summary = It was our mistake, and the gift is safe. Please try again later.

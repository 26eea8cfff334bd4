# Was die Seite eines Geschenks sagt, auf Deutsch, ohne Buchstaben, die die Schweiz nicht schreibt.

credits = { $count ->
    [one] { $count } Credit
   *[other] { $count } Credits
}

tagline = Geschenkte Credits für { $brand }
somebody = Jemand
heading = { $sender } schenkt dir { $worth }
open-summary = Öffne dein Geschenk und löse es bis { DATETIME($at, dateStyle: "long", timeZone: "Europe/Zurich") } ein.
from = Von { $name }

riddle = Zuerst ein Rätsel
riddle-note = Nach der Antwort wirst du gefragt, wenn du das Geschenk einlöst.
redeem = { $worth } einlösen
redeem-elsewhere = Oder gib diesen Code in einer App von { $brand } ein:
redeem-how = So löst du es ein
redeem-steps = Melde dich in einer App von { $brand } an, wähle «Geschenk einlösen» und gib diesen Code ein:
code = Code des Geschenks
copy = Kopieren
copied = Kopiert
one-person = Es ist für eine bestimmte Person: Melde dich als diejenige an, für die es gedacht ist.

lasts-until = Gültig bis
zurich-time = { DATETIME($at, dateStyle: "full", timeZone: "Europe/Zurich") }, { DATETIME($at, timeStyle: "short", timeZone: "Europe/Zurich") } Uhr in Zürich
utc-time = { DATETIME($at, dateStyle: "long", timeZone: "UTC") }, { DATETIME($at, timeStyle: "short", timeZone: "UTC") } Uhr UTC
days-left = { $count ->
    [one] noch { $count } Tag
   *[other] noch { $count } Tage
}
hours-left = { $count ->
    [one] noch { $count } Stunde
   *[other] noch { $count } Stunden
}
minutes-left = { $count ->
    [one] noch { $count } Minute
   *[other] noch { $count } Minuten
}
moment-left = nur noch einen Augenblick

shared-by = Geteilt durch
shares = { $count ->
    [one] { $count } Person, { $worth }
   *[other] { $count } Personen, je { $worth }
}
portions-left = { $count ->
    [one] { $count } Anteil ist noch da
   *[other] { $count } Anteile sind noch da
}

qr-code = QR-Code der Adresse dieser Seite
qr-note = Damit öffnest du das Geschenk auf einem Telefon.
care-redeem = Wer diesen Link hat, kann das Geschenk einlösen: Gib ihn mit Bedacht weiter.
care-read = Wer diesen Link hat, kann diese Seite lesen: Gib ihn mit Bedacht weiter.
picture = Ein Geschenk mit Schleife

go-on = Weiter zu { $brand }
try-again = Noch einmal versuchen

cancelled = Dieses Geschenk wurde zurückgenommen
cancelled-summary = Es kann nicht mehr eingelöst werden. Falls du darauf gewartet hast, frag nach bei der Person, die dir den Link geschickt hat: Vielleicht ist ein anderes unterwegs.
depleted = Dieses Geschenk ist eingelöst
depleted-summary = { $worth } waren darin, und jemand hat sie bekommen. Falls du das warst: Viel Freude damit! Du findest sie in deinem Guthaben.
depleted-shared-summary = { $count ->
    [one] Der eine Anteil von { $worth } ist vergeben.
   *[other] Alle { $count } Anteile von je { $worth } sind vergeben.
} Falls einer davon deiner ist: Viel Freude damit! Du findest ihn in deinem Guthaben.
expired = Dieses Geschenk ist abgelaufen
expired-summary = Es konnte bis { DATETIME($at, dateStyle: "long", timeZone: "Europe/Zurich") } eingelöst werden; was niemand abgeholt hat, geht an die Person zurück, die es geschenkt hat. Vielleicht schickt sie dir gern ein neues.

not-found = Dieses Geschenk gibt es nicht
not-found-summary = Vielleicht ist unterwegs ein Zeichen des Codes verloren gegangen. Ein Code hat 10 Buchstaben und Ziffern, ohne die Buchstaben I und O und ohne die Ziffern 0 und 1. Wenn du einen Link bekommen hast, lass ihn dir noch einmal schicken.
other-code = Gib den Code noch einmal ein
find = Geschenk suchen
too-many = Einen Moment bitte
too-many-summary = Aus deinem Netz wurden gerade viele Geschenke nachgeschlagen. Deinem ist nichts passiert: Versuch es { $seconds ->
    [one] in { $seconds } Sekunde
   *[other] in { $seconds } Sekunden
} noch einmal.
unavailable = Gleich wieder da
unavailable-summary = Das Geschenk ist sicher, es lässt sich nur gerade nicht zeigen. Bitte versuch es gleich noch einmal.
mistake = Da ist etwas schiefgegangen
mistake-summary = Der Fehler liegt bei uns, und das Geschenk ist sicher. Bitte versuch es später noch einmal.

# Che cosa dice la pagina di un regalo, in italiano.

credits = { $count ->
    [one] { $count } credito
   *[other] { $count } crediti
}

tagline = Crediti in regalo per { $brand }
somebody = Qualcuno
heading = { $sender } ti regala { $worth }
open-summary = Apri il tuo regalo e riscattalo entro il { DATETIME($at, dateStyle: "long", timeZone: "Europe/Zurich") }.
from = Da { $name }

riddle = Prima, un indovinello
riddle-note = La risposta ti sarà chiesta quando riscatti il regalo.
redeem = Riscatta { $worth }
redeem-elsewhere = Oppure inserisci questo codice in un’app di { $brand }:
redeem-how = Come riscattarlo
redeem-steps = Accedi a un’app di { $brand }, scegli di riscattare un regalo e inserisci questo codice:
code = Codice del regalo
copy = Copia
copied = Copiato
one-person = È destinato a una persona precisa: accedi con l’account di quella persona.

lasts-until = Valido fino a
zurich-time = { DATETIME($at, dateStyle: "full", timeZone: "Europe/Zurich") }, ore { DATETIME($at, timeStyle: "short", timeZone: "Europe/Zurich") } a Zurigo
utc-time = { DATETIME($at, dateStyle: "long", timeZone: "UTC") }, ore { DATETIME($at, timeStyle: "short", timeZone: "UTC") } UTC
days-left = { $count ->
    [one] resta { $count } giorno
   *[other] restano { $count } giorni
}
hours-left = { $count ->
    [one] resta { $count } ora
   *[other] restano { $count } ore
}
minutes-left = { $count ->
    [one] resta { $count } minuto
   *[other] restano { $count } minuti
}
moment-left = resta solo un attimo

shared-by = Diviso tra
shares = { $count ->
    [one] { $count } persona, { $worth }
   *[other] { $count } persone, { $worth } ciascuna
}
portions-left = { $count ->
    [one] resta { $count } parte
   *[other] restano { $count } parti
}

qr-code = Codice QR dell’indirizzo di questa pagina
qr-note = Scansiona questo codice per aprire il regalo su un telefono.
care-redeem = Chiunque abbia questo link può riscattare il regalo: condividilo con attenzione.
care-read = Chiunque abbia questo link può leggere questa pagina: condividilo con attenzione.
picture = Un pacco regalo con un nastro

go-on = Vai a { $brand }
try-again = Riprova

cancelled = Questo regalo è stato ritirato
cancelled-summary = Non può più essere riscattato. Se lo aspettavi, chiedi a chi ti ha mandato il link: forse un altro è in arrivo.
depleted = Questo regalo è già stato riscattato
depleted-summary = Conteneva { $worth }, già andati a qualcuno. Se sei tu, buon divertimento! Sono nel tuo saldo.
depleted-shared-summary = { $count ->
    [one] La sua unica parte da { $worth } è già andata a qualcuno.
   *[other] Tutte le { $count } parti da { $worth } sono già andate a qualcuno.
} Se una è tua, buon divertimento! È nel tuo saldo.
expired = Questo regalo è scaduto
expired-summary = Poteva essere riscattato fino a { DATETIME($at, dateStyle: "long", timeZone: "Europe/Zurich") }; ciò che nessuno ha preso torna a chi lo ha regalato. Forse te ne manderà volentieri un altro.

not-found = Questo regalo non esiste
not-found-summary = Forse un carattere del codice si è perso per strada. Un codice ha 10 lettere e cifre, senza le lettere I e O e le cifre 0 e 1. Se hai ricevuto un link, fattelo mandare di nuovo.
other-code = Inserisci di nuovo il codice
find = Trova il regalo
too-many = Un attimo, per favore
too-many-summary = Dalla tua rete sono appena stati cercati molti regali. Al tuo non è successo nulla: riprova { $seconds ->
    [one] tra { $seconds } secondo
   *[other] tra { $seconds } secondi
}.
unavailable = Torniamo tra un attimo
unavailable-summary = Il regalo è al sicuro, ma in questo momento non può essere mostrato. Riprova tra poco.
mistake = Qualcosa è andato storto
mistake-summary = L’errore è nostro e il regalo è al sicuro. Riprova più tardi.

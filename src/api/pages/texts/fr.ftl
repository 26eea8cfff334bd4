# Ce que dit la page d’un cadeau, en français.

credits = { $count ->
    [one] { $count } crédit
   *[other] { $count } crédits
}

tagline = Des crédits offerts pour { $brand }
somebody = Quelqu’un
heading = { $sender } t’offre { $worth }
open-summary = Ouvre ton cadeau et utilise-le jusqu’au { DATETIME($at, dateStyle: "long", timeZone: "Europe/Zurich") }.
from = De la part de { $name }

riddle = D’abord, une énigme
riddle-note = La réponse te sera demandée au moment d’utiliser le cadeau.
redeem = Recevoir { $worth }
redeem-elsewhere = Ou saisis ce code dans une app de { $brand } :
redeem-how = Comment le recevoir
redeem-steps = Connecte-toi à une app de { $brand }, choisis d’utiliser un cadeau et saisis ce code :
code = Code du cadeau
copy = Copier
copied = Copié
one-person = Il est destiné à une personne précise : connecte-toi avec le compte de cette personne.

lasts-until = Valable jusqu’au
zurich-time = { DATETIME($at, dateStyle: "full", timeZone: "Europe/Zurich") }, { DATETIME($at, timeStyle: "short", timeZone: "Europe/Zurich") } à Zurich
utc-time = { DATETIME($at, dateStyle: "long", timeZone: "UTC") }, { DATETIME($at, timeStyle: "short", timeZone: "UTC") } UTC
days-left = { $count ->
    [one] encore { $count } jour
   *[other] encore { $count } jours
}
hours-left = { $count ->
    [one] encore { $count } heure
   *[other] encore { $count } heures
}
minutes-left = { $count ->
    [one] encore { $count } minute
   *[other] encore { $count } minutes
}
moment-left = encore un instant

shared-by = Partagé entre
shares = { $count ->
    [one] { $count } personne, { $worth }
   *[other] { $count } personnes, { $worth } chacune
}
portions-left = { $count ->
    [one] il reste { $count } part
   *[other] il reste { $count } parts
}

qr-code = Code QR de l’adresse de cette page
qr-note = Scanne ce code pour ouvrir le cadeau sur un téléphone.
care-redeem = Quiconque a ce lien peut utiliser le cadeau : ne le transmets pas à n’importe qui.
care-read = Quiconque a ce lien peut lire cette page : ne le transmets pas à n’importe qui.
picture = Un paquet cadeau avec un ruban

go-on = Aller vers { $brand }
try-again = Réessayer

cancelled = Ce cadeau a été repris
cancelled-summary = Il ne peut plus être utilisé. Si tu l’attendais, demande à la personne qui t’a envoyé le lien : un autre est peut-être en route.
depleted = Ce cadeau a déjà été utilisé
depleted-summary = Il contenait { $worth }, que quelqu’un a reçus. Si c’est toi, profites-en bien ! Tu les trouves dans ton solde.
depleted-shared-summary = { $count ->
    [one] Son unique part de { $worth } a été prise.
   *[other] Ses { $count } parts de { $worth } ont toutes été prises.
} Si l’une d’elles est à toi, profites-en bien ! Tu la trouves dans ton solde.
expired = Ce cadeau a expiré
expired-summary = Il pouvait être utilisé jusqu’au { DATETIME($at, dateStyle: "long", timeZone: "Europe/Zurich") } ; ce que personne n’a pris revient à la personne qui l’a offert. Elle t’en enverra peut-être volontiers un nouveau.

not-found = Ce cadeau n’existe pas
not-found-summary = Un caractère de son code s’est peut-être perdu en route. Un code a 10 lettres et chiffres, sans les lettres I et O ni les chiffres 0 et 1. Si tu as reçu un lien, demande qu’on te le renvoie.
other-code = Saisis encore une fois le code
find = Trouver le cadeau
too-many = Un instant, s’il te plaît
too-many-summary = De nombreux cadeaux viennent d’être consultés depuis ton réseau. Il n’est rien arrivé au tien : réessaie { $seconds ->
    [one] dans { $seconds } seconde
   *[other] dans { $seconds } secondes
}.
unavailable = De retour dans un instant
unavailable-summary = Le cadeau est en sécurité, mais il ne peut pas être affiché pour le moment. Réessaie dans un instant.
mistake = Un problème est survenu
mistake-summary = L’erreur vient de nous, et le cadeau est en sécurité. Réessaie plus tard.

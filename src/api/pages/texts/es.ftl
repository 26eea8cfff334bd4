# Lo que dice la página de un regalo, en español.

credits = { $count ->
    [one] { $count } crédito
   *[other] { $count } créditos
}

tagline = Créditos de regalo para { $brand }
somebody = Alguien
heading = { $sender } te regala { $worth }
open-summary = Abre tu regalo y canjéalo hasta el { DATETIME($at, dateStyle: "long", timeZone: "Europe/Zurich") }.
from = De { $name }

riddle = Primero, una adivinanza
riddle-note = Se te pedirá la respuesta al canjear el regalo.
redeem = Canjear { $worth }
redeem-elsewhere = O introduce este código en una app de { $brand }:
redeem-how = Cómo canjearlo
redeem-steps = Inicia sesión en una app de { $brand }, elige canjear un regalo e introduce este código:
code = Código del regalo
copy = Copiar
copied = Copiado
one-person = Es para una persona en concreto: inicia sesión con la cuenta de esa persona.

lasts-until = Válido hasta
zurich-time = { DATETIME($at, dateStyle: "full", timeZone: "Europe/Zurich") }, { DATETIME($at, timeStyle: "short", timeZone: "Europe/Zurich") } en Zúrich
utc-time = { DATETIME($at, dateStyle: "long", timeZone: "UTC") }, { DATETIME($at, timeStyle: "short", timeZone: "UTC") } UTC
days-left = { $count ->
    [one] queda { $count } día
   *[other] quedan { $count } días
}
hours-left = { $count ->
    [one] queda { $count } hora
   *[other] quedan { $count } horas
}
minutes-left = { $count ->
    [one] queda { $count } minuto
   *[other] quedan { $count } minutos
}
moment-left = queda solo un momento

shared-by = Compartido entre
shares = { $count ->
    [one] { $count } persona, { $worth }
   *[other] { $count } personas, { $worth } cada una
}
portions-left = { $count ->
    [one] queda { $count } parte
   *[other] quedan { $count } partes
}

qr-code = Código QR de la dirección de esta página
qr-note = Escanea este código para abrir el regalo en un teléfono.
care-redeem = Quien tenga este enlace puede canjear el regalo: compártelo con cuidado.
care-read = Quien tenga este enlace puede leer esta página: compártelo con cuidado.
picture = Una caja de regalo con un lazo

go-on = Ir a { $brand }
try-again = Intentar de nuevo

cancelled = Este regalo fue retirado
cancelled-summary = Ya no se puede canjear. Si lo esperabas, pregunta a quien te envió el enlace: quizá haya otro en camino.
depleted = Este regalo ya fue canjeado
depleted-summary = Contenía { $worth } y ya tiene dueño. Si eres tú, ¡que lo disfrutes! Está en tu saldo.
depleted-shared-summary = { $count ->
    [one] Su única parte de { $worth } ya tiene dueño.
   *[other] Sus { $count } partes de { $worth } ya tienen dueño.
} Si una es tuya, ¡que la disfrutes! Está en tu saldo.
expired = Este regalo ha caducado
expired-summary = Se podía canjear hasta el { DATETIME($at, dateStyle: "long", timeZone: "Europe/Zurich") }; lo que nadie reclamó vuelve a quien lo regaló. Quizá te envíe otro con gusto.

not-found = No existe tal regalo
not-found-summary = Quizá se perdió un carácter del código por el camino. Un código tiene 10 letras y cifras, sin las letras I y O ni las cifras 0 y 1. Si te enviaron un enlace, pide que te lo manden otra vez.
other-code = Introduce el código otra vez
find = Buscar el regalo
too-many = Un momento, por favor
too-many-summary = Desde tu red se acaban de consultar muchos regalos. Al tuyo no le ha pasado nada: inténtalo de nuevo { $seconds ->
    [one] en { $seconds } segundo
   *[other] en { $seconds } segundos
}.
unavailable = Volvemos en un momento
unavailable-summary = El regalo está a salvo, pero ahora mismo no se puede mostrar. Inténtalo de nuevo en un momento.
mistake = Algo salió mal
mistake-summary = Fue un error nuestro, y el regalo está a salvo. Inténtalo de nuevo más tarde.

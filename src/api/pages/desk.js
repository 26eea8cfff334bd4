const texts = JSON.parse(document.getElementById("texts").textContent);
const spoken = document.documentElement.lang;
// Numbers and times as the reader's region writes them.
const region = navigator.languages.find((each) => each.startsWith(spoken)) ?? spoken;
const API = "api/v1/admin/";
const [views, view, status, dialog] = ["views", "view", "status", "act"].map((id) => document.getElementById(id));

// The token lives here alone: not in the address, not in any storage.
let token = new URLSearchParams(location.hash.slice(1)).get("token");
if (location.hash) history.replaceState(null, "", location.pathname + location.search);
addEventListener("hashchange", () => location.reload());

/* What is shown ------------------------------------------------------------------------------- */

const shown = (children) => children.flat().filter((child) => child !== null && child !== undefined && child !== false);

// Strings become text, never markup: names and reasons are written by strangers.
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === undefined || value === null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...shown(children));
  return element;
}

const button = (text, onclick, properties = {}) => make("button", { type: "button", onclick, ...properties }, text);
const submitting = (work) => (event) => {
  event.preventDefault();
  work();
};
const numbers = new Intl.NumberFormat(region, { maximumFractionDigits: 12 });
const moments = new Intl.DateTimeFormat(region, { dateStyle: "medium", timeStyle: "medium" });
const days = new Intl.DateTimeFormat(region, { dateStyle: "medium", timeZone: "UTC" });
const euros = new Intl.NumberFormat(region, { style: "currency", currency: "EUR" });
// As a field takes it: String() would write 1e-7.
const plain = new Intl.NumberFormat(region, { useGrouping: false, maximumFractionDigits: 12 });
const number = (value) => (value === null || value === undefined ? "–" : numbers.format(value));
const moment = (value) => (value ? make("time", { datetime: value }, moments.format(new Date(value))) : "–");
const named = (kind, value) => texts[`${kind}-${value}`] ?? value;

function table(title, columns, rows) {
  if (!rows.length) return make("p", { class: "soft" }, texts.none);
  const head = columns.map(([name, , style]) => make("th", { scope: "col", class: style }, name));
  const body = rows.map((row) =>
    make("tr", {}, columns.map(([, cell, style]) => make("td", { class: style }, cell(row) ?? "–"))),
  );
  return make(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": title },
    make("table", {}, make("thead", {}, make("tr", {}, head)), make("tbody", {}, body)),
  );
}

const section = (title, ...children) => make("section", {}, make("h2", {}, title), ...children);
const listed = (title, columns, rows) => section(title, table(title, columns, rows));

function show(title, ...children) {
  const heading = make("h1", { tabindex: -1 }, title);
  view.replaceChildren(heading, ...shown(children));
  heading.focus();
}

function tell(text) {
  status.textContent = "";
  status.textContent = text;
  if (text) setTimeout(() => status.textContent === text && (status.textContent = ""), 8000);
}

/* What is asked ------------------------------------------------------------------------------- */

async function ask(method, path, body) {
  const used = token;
  let answer;
  try {
    answer = await fetch(API + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Error(texts["error-network"]);
  }
  const content = await answer.json().catch(() => ({}));
  // Who has forgotten the token meanwhile is shown nothing.
  if (token !== used) return new Promise(() => {});
  if (answer.ok) return content;
  const text = texts[`error-${content.code}`] ?? wrongFields(content) ?? content.message ?? String(answer.status);
  if (answer.status === 401 || content.code === "admin_required") {
    token = null;
    askForToken(text);
  }
  throw new Error(text);
}

const PAGE = 100;

// Page by page: what was cut off would look as if it were not there.
async function askForAll(path) {
  const rows = [];
  for (let page = { length: PAGE }; page.length === PAGE; rows.push(...page)) {
    page = await ask("GET", `${path}?limit=${PAGE}&offset=${rows.length}`);
  }
  return rows;
}

// Which fields of the form are wrong, by their names on the page; how, the service says in English only.
function wrongFields({ code, details, message }) {
  const labels = Object.keys((code === "invalid_request" && details) || {}).map((name) => texts[`field-${name}`]);
  return labels.length && labels.every(Boolean) ? `${texts["error-fields"]} ${labels.join(", ")} (${message})` : undefined;
}

const asked = (work) => work().catch((error) => tell(error.message));

function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* Acts ---------------------------------------------------------------------------------------- */

// Either sign begins the decimals, but for what the region writes between thousands: 1,500 is not 1.5 to everybody.
const { value: thousands } = numbers.formatToParts(10000).find(({ type }) => type === "group");
const upTo = (most) => `(?![0-9]+[${thousands}][0-9]{3}$)[0-9]+([.,][0-9]{1,${most}})?`;

const FIELDS = {
  amount: { inputmode: "decimal", pattern: upTo(6), title: texts["amount-hint"], autocomplete: "off" },
  text: { maxlength: 1000, autocomplete: "off" },
  whole: { type: "number", step: 1 },
  decimal: { inputmode: "decimal", pattern: upTo(12), title: texts["decimal-hint"], autocomplete: "off" },
  check: { type: "checkbox" },
  moment: { type: "datetime-local", step: 1 },
};
const READ = {
  amount: (input) => Number(input.value.replace(",", ".")),
  decimal: (input) => Number(input.value.replace(",", ".")),
  text: (input) => input.value,
  whole: (input) => Number(input.value),
  moment: (input) => new Date(input.value).toISOString(),
};

function field([name, kind, required, value]) {
  const input = make("input", { name, required, value: typeof value === "number" ? plain.format(value) : value, ...FIELDS[kind] });
  if (kind === "check") input.checked = value;
  const words = [texts[`field-${name}`], !required && kind !== "check" && make("small", {}, texts.optional)];
  return make("label", kind === "check" ? { class: "check" } : {}, ...(kind === "check" ? [input, words[0]] : [...words, input]));
}

// One key an act, made when the dialog opens: whoever sends it twice acts once.
function act(action, method, path, fields, done, { about, ...more } = {}) {
  const key = randomKey();
  const problem = make("p", { class: "bad", role: "alert" });
  const reason = make("textarea", { name: "reason", required: true, minlength: 3, maxlength: 500, rows: 2 });
  const send = make("button", { class: "main" }, texts[`do-${action}`]);
  const form = make(
    "form",
    {},
    make("h2", { id: "act-title" }, texts[`act-${action}`]),
    about && make("p", {}, about),
    fields.map(field),
    make("label", {}, texts["field-reason"], make("small", {}, texts["reason-hint"]), reason),
    problem,
    make("div", { class: "row" }, send, button(texts.cancel, () => dialog.close())),
  );
  form.addEventListener("submit", submitting(async () => {
    send.disabled = true;
    problem.textContent = "";
    const body = { ...more, reason: reason.value, idempotencyKey: key };
    for (const [name, kind] of fields) {
      const input = form.elements[name];
      if (kind === "check") body[name] = input.checked;
      // What was there and is deleted is sent too, where nothing can be in its place.
      else if (input.value !== "" || (kind === "text" && input.defaultValue !== "")) body[name] = READ[kind](input);
    }
    try {
      const answer = await ask(method, path, body);
      dialog.close();
      tell(texts[answer.replayed ? "done-before" : "done"]);
      await done(answer);
    } catch (error) {
      problem.textContent = error.message;
    } finally {
      send.disabled = false;
    }
  }));
  dialog.replaceChildren(form);
  dialog.showModal();
}

/* Views --------------------------------------------------------------------------------------- */

function askForToken(problem) {
  dialog.close();
  views.hidden = true;
  const input = make("input", { type: "password", required: true, pattern: "\\s*[!-~]+\\s*", title: texts["token-pattern"], autocomplete: "off", spellcheck: "false" });
  const use = () => {
    token = input.value.trim();
    begin();
  };
  show(
    texts["token-title"],
    make(
      "form",
      { class: "card", onsubmit: submitting(use) },
      make("label", {}, texts.token, make("small", {}, texts["token-hint"]), input),
      problem && make("p", { class: "bad", role: "alert" }, problem),
      make("div", { class: "row" }, make("button", { class: "main" }, texts["token-use"])),
    ),
  );
}

function search(query = "") {
  const input = make("input", { type: "search", required: true, value: query, autocomplete: "off", maxlength: 255 });
  const found = make("div", { "aria-live": "polite" });
  const look = async () => {
    const rows = await ask("GET", `accounts?query=${encodeURIComponent(input.value)}`);
    found.replaceChildren(
      table(texts.found, [
        [texts.account, (row) => (row.kind === "person" ? button(row.accountId, () => asked(() => account(row.accountId))) : row.accountId)],
        [texts.kind, (row) => named("kind", row.kind)],
        [texts["found-by"], (row) => named("by", row.foundBy)],
        [texts.id, (row) => make("code", {}, row.subjectId)],
        [
          texts.act,
          (row) => row.kind === "pool" && ON_POOLS[row.foundBy] && button(texts[`do-${ON_POOLS[row.foundBy].name}`], () => ON_POOLS[row.foundBy](row.subjectId, look)),
        ],
      ], rows),
    );
  };
  show(
    texts.search,
    make(
      "form",
      { class: "card", role: "search", onsubmit: submitting(() => asked(look)) },
      make("label", {}, texts["search-label"], make("small", {}, texts["search-hint"]), input),
      make("div", { class: "row" }, make("button", { class: "main" }, texts["search-do"])),
    ),
    found,
  );
}

// What is done to something of a pool, which has no view of its own, where it is found.
const refund = (id, done) => act("refund", "POST", `transactions/${id}/refund`, [["amount", "amount", false], ["description", "text", false]], done);

const release = (id, done) => act("release", "POST", `reservations/${id}/release`, [], done);
const ON_POOLS = { transaction: refund, reservation: release };

const ACTIONS = [
  [texts.when, (row) => moment(row.createdAt)],
  [texts.admin, (row) => row.admin],
  [texts.account, (row) => (row.userId ? button(row.userId, () => asked(() => account(row.userId))) : "–")],
  [texts.act, (row) => texts[`act-${row.action}`]],
  [texts.amount, (row) => number(row.amount), "number"],
  [texts.reason, (row) => row.reason],
  [texts.subject, (row) => row.after?.name || row.subjectId || row.transactionId],
];

async function account(id) {
  const path = `accounts/${encodeURIComponent(id)}`;
  const story = await ask("GET", path);
  const again = () => account(id);
  const move = (action, fields) => button(texts[`do-${action}`], () => act(action, "POST", `${path}/${action}`, fields, again));
  const figures = [
    [texts.balance, number(story.balance)],
    [texts.reserved, number(story.reserved)],
    [texts.debt, number(story.debt)],
    [texts.earned, number(story.totalEarned)],
    [texts.spent, number(story.totalSpent)],
    [texts.since, moment(story.createdAt)],
  ];
  const description = ["description", "text", false];
  show(
    id,
    story.frozen && make("p", { class: "bad" }, `${texts.frozen} `, moment(story.frozenAt), `: ${story.frozenReason}`),
    make("section", { "aria-label": texts.balance }, make("dl", {}, figures.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))))),
    make(
      "div",
      { class: "row" },
      move("grant", [["amount", "amount", true], description, ["expiresAt", "moment", false]]),
      move("take", [["amount", "amount", true], description]),
      move(story.frozen ? "unfreeze" : "freeze", []),
    ),
    listed(texts.entries, [
      [texts.when, (row) => moment(row.createdAt)],
      [texts.type, (row) => named("type", row.type)],
      [texts.amount, (row) => number(row.amount), "number"],
      [texts.balance, (row) => number(row.balance), "number"],
      [texts.app, (row) => row.appId],
      [texts.description, (row) => row.description],
      [texts.caller, (row) => row.calledBy],
      [texts.act, (row) => row.type === "usage" && button(texts["do-refund"], () => refund(row.id, again))],
    ], story.entries),
    listed(texts.holds, [
      [texts.amount, (row) => number(row.amount), "number"],
      [texts.app, (row) => row.appId],
      [texts.description, (row) => row.reason],
      [texts.until, (row) => moment(row.expiresAt)],
      [texts.act, (row) => button(texts["do-release"], () => release(row.reservationId, again))],
    ], story.holds),
    listed(texts.lots, [
      [texts.left, (row) => number(row.remaining), "number"],
      [texts.granted, (row) => number(row.granted), "number"],
      [texts.until, (row) => moment(row.expiresAt)],
    ], story.lots),
    listed(texts.limits, [
      [texts.app, (row) => row.appId || texts.all],
      [texts.daily, (row) => `${number(row.spentToday)} / ${number(row.dailyLimit)}`],
      [texts.weekly, (row) => `${number(row.spentThisWeek)} / ${number(row.weeklyLimit)}`],
      [texts.monthly, (row) => `${number(row.spentThisMonth)} / ${number(row.monthlyLimit)}`],
    ], story.limits),
    listed(texts.purchases, [
      [texts.when, (row) => moment(row.createdAt)],
      [texts.credits, (row) => number(row.credits), "number"],
      [texts.price, (row) => euros.format(row.priceEuroCents / 100), "number"],
      [texts.state, (row) => named("state", row.status)],
      [texts.payment, (row) => row.stripePaymentIntentId && make("code", {}, row.stripePaymentIntentId)],
    ], story.purchases),
    listed(texts["gifts-given"], [
      [texts.when, (row) => moment(row.createdAt)],
      [texts.credits, (row) => number(row.totalCredits), "number"],
      [texts.portions, (row) => `${row.claimedPortions} / ${row.totalPortions}`],
      [texts.state, (row) => named("state", row.status)],
      [texts.act, (row) => row.status === "active" && button(texts["do-cancel_gift"], () => act("cancel_gift", "POST", `gifts/${row.id}/cancel`, [], again))],
    ], story.giftsGiven),
    listed(texts["gifts-taken"], [
      [texts.when, (row) => moment(row.redeemedAt)],
      [texts.credits, (row) => number(row.creditsReceived), "number"],
      [texts.from, (row) => row.creatorName],
    ], story.giftsTaken),
    listed(texts.actions, ACTIONS.filter((_, place) => place !== 2), story.actions),
  );
}

async function packages() {
  const rows = await ask("GET", "packages");
  const fields = (row) => [
    ["name", "text", true, row?.name],
    ["credits", "amount", true, row?.credits],
    ["priceEuroCents", "whole", true, row?.priceEuroCents],
    ["description", "text", false, row?.description],
    ["sortOrder", "whole", false, row?.sortOrder],
    ["active", "check", false, row?.active ?? true],
  ];
  show(
    texts.packages,
    make("div", { class: "row" }, button(texts["new-package"], () => act("set_package", "POST", "packages", fields(), packages))),
    listed(texts.packages, [
      [texts["field-name"], (row) => row.name],
      [texts.credits, (row) => number(row.credits), "number"],
      [texts.price, (row) => euros.format(row.priceEuroCents / 100), "number"],
      [texts.state, (row) => texts[row.active ? "sold" : "withdrawn"]],
      [texts.act, (row) => button(texts.change, () => act("set_package", "PATCH", `packages/${row.id}`, fields(row), packages))],
    ], rows),
  );
}

async function prices() {
  const rows = await askForAll("prices");
  // Each operation's newest first: the first that has begun is the price of now.
  const begun = rows.filter((row) => new Date(row.validFrom) <= new Date());
  const state = (row) => {
    if (!begun.includes(row)) return "to-come";
    if (begun.find(({ operation }) => operation === row.operation) !== row) return "replaced";
    return row.active ? "valid" : "withdrawn";
  };
  const fields = (row) => [
    ["operation", "text", true, row?.operation],
    ["unitPrice", "decimal", true, row?.unitPrice],
    ["unit", "text", Boolean(row), row?.unit],
    ["per", "decimal", false, row?.per],
    ["step", "decimal", false, row?.step],
    ["minimum", "decimal", false, row?.minimum],
    ["name", "text", false, row?.name],
    ["validFrom", "moment", false],
    ["active", "check", false, row?.active ?? true],
  ];
  show(
    texts.prices,
    make("div", { class: "row" }, button(texts["new-price"], () => act("set_price", "POST", "prices", fields(), prices))),
    listed(texts.prices, [
      [texts["field-operation"], (row) => row.operation],
      [texts.price, (row) => `${number(row.unitPrice)} / ${number(row.per)} ${row.unit}`, "number"],
      [texts["field-validFrom"], (row) => moment(row.validFrom)],
      [texts.state, (row) => texts[state(row)]],
      [texts.act, (row) => button(texts.change, () => act("set_price", "POST", "prices", fields(row), prices))],
    ], rows),
  );
}

async function keys() {
  const rows = await ask("GET", "service-keys");
  const which = (row) => row.number || texts.environment;
  const end = (row) => {
    const path = `service-keys/${encodeURIComponent(row.name)}/revoke`;
    act("revoke_key", "POST", path, [], keys, { about: `${row.name}, ${which(row)}`, number: row.number });
  };
  // Nothing shows it again: it stays until the view changes.
  const made = async (answer) => {
    await keys();
    if (!answer.serviceKey) return;
    const shown = make("code", {}, answer.serviceKey);
    const copy = button(texts.copy, () => navigator.clipboard.writeText(answer.serviceKey).then(() => tell(texts.copied)));
    view.firstChild.after(section(texts["key-once"], make("p", {}, shown), make("div", { class: "row" }, copy)));
  };
  show(
    texts.keys,
    make("div", { class: "row" }, button(texts["new-key"], () => act("make_key", "POST", "service-keys", [["name", "text", true]], made))),
    listed(texts.keys, [
      [texts.service, (row) => row.name],
      [texts["key-number"], which],
      [texts.reason, (row) => row.reason],
      [texts.made, (row) => moment(row.createdAt)],
      [texts.used, (row) => row.usedOn && days.format(new Date(row.usedOn))],
      [texts.revoked, (row) => (row.revokedAt ? [moment(row.revokedAt), ` ${row.revokedReason}`] : "–")],
      [texts.act, (row) => !row.revokedAt && button(texts["do-revoke_key"], () => end(row))],
    ], rows),
  );
}

async function actions(before) {
  const rows = await ask("GET", `actions?limit=${PAGE}${before ? `&cursor=${before}` : ""}`);
  const older = () => asked(() => actions(rows.at(-1).id));
  show(
    texts.actions,
    listed(texts.actions, ACTIONS, rows),
    rows.length === PAGE && make("div", { class: "row" }, button(texts.older, older)),
  );
}

const VIEWS = [
  ["search", async () => search()],
  ["packages", packages],
  ["prices", prices],
  ["keys", keys],
  ["actions", () => actions()],
];

function open(name) {
  for (const each of views.children) each.toggleAttribute("aria-current", each.dataset.view === name);
  return asked(VIEWS.find(([each]) => each === name)[1]);
}

function begin() {
  views.replaceChildren(
    ...VIEWS.map(([name]) => button(texts[name], () => open(name), { "data-view": name })),
    button(texts["token-forget"], () => {
      token = null;
      askForToken();
    }),
  );
  views.hidden = false;
  open("search");
}

if (token) begin();
else askForToken();

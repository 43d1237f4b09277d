// The station: an action first, then scan after scan. Nothing here decides what a scan may do: it is kept, sent,
// and the server's answer is shown. Without a network it is kept, and compared with the list of codes.

const root = document.body;
const say = root.dataset;
const find = (selector, within = document) => within.querySelector(selector);
const SHOWN = 30; // scans in the list
const AGAIN = 4000; // ms between two tries to send
const REFRESH = 5 * 60_000; // ms after which the list of codes is asked for anew

const [idb, { Outbox, forget, uuid }, { signal, unlock }, { understand }] = await Promise.all(
  [say.idb, say.outbox, say.signals, say.codes].map((url) => import(url)),
);

const tiles = new Map([...document.querySelectorAll("[data-action-of]")].map((tile) => [tile.dataset.actionOf, tile]));
const input = find("[data-wedge]");
const scanBox = find("[data-scan]");
const rows = new Map(); // id -> scan of this sitting, in the order they were made
const expected = new Set();
let box;
let sitting; // { run, action, place, handover, fault, grade, operator }
let choices = { places: [], load: [], confirm: [] };
let secret = ""; // of the record that is being confirmed; never kept
let online = true;
let refused = 0; // the status with which the server sent us away: sign in again
let gone = false; // all was deleted
let listed = 0; // when the list of codes was brought

// ---- The sitting

function fresh(action, more = {}) {
  return { run: uuid(), action, place: null, handover: null, fault: "", grade: "", operator: null, ...more };
}

const needs = () => (sitting ? tiles.get(sitting.action)?.dataset.needs : "");
const complete = () => !["place", "handover"].includes(needs()) || sitting[needs()];

async function begin(next) {
  if (!tiles.has(next.action)) return;
  sitting = next;
  rows.clear();
  for (const row of await box.of(sitting.run)) rows.set(row.id, row);
  await box.keep("sitting", sitting);
  if (location.hash.slice(1) !== sitting.action) history.replaceState(null, "", `#${sitting.action}`);
  find("[data-outcome]").hidden = true;
  closeTaker();
  draw();
  await codes();
}

// Another place or record begins another sitting, unless nothing was scanned in this one.
const change = (more) => begin(rows.size ? fresh(sitting.action, { ...sitting, ...more, run: uuid() }) : { ...sitting, ...more });

async function codes() {
  expected.clear();
  if (!sitting || !complete()) return drawCodes();
  const { action, place, handover } = sitting;
  const key = `codes ${say.user} ${action} ${place ?? ""} ${handover ?? ""}`;
  const run = sitting.run;
  const kept = await box.kept(key);
  for (const code of kept?.codes ?? []) expected.add(code);
  listed = kept?.at ?? 0;
  drawCodes();
  const asked = new URLSearchParams({ action, ...(place && { place }), ...(handover && { handover }) });
  try {
    const answer = await fetch(`/stations/expected?${asked}`);
    if (!answer.ok || answer.redirected) return;
    const { codes: found } = await answer.json();
    await box.keep(key, { codes: found, at: Date.now() });
    if (sitting.run !== run) return;
    expected.clear();
    for (const code of found) expected.add(code);
    listed = Date.now();
    drawCodes();
  } catch { /* Without a network the list kept before stays. */ }
}

// ---- A scan

const VIA = { typed: "typed", photo: "photo" };

async function scanned({ text, format }) {
  unlock();
  const via = VIA[format] ?? "camera";
  const found = understand(text, say.host);
  if (found.kind === "mode") return mode(found.name, text, via);
  if (!sitting) return oops(say.sayFirst);
  if (found.kind === "place" || found.kind === "handover") return set(found, text, via);
  if (found.kind === "badge") return badge(found, text, via);
  if (!complete()) return oops(needs() === "place" ? say.sayNeedsPlace : say.sayNeedsHandover);
  if (sitting.action === "give" && found.kind === "device") return openTaker(found.name, via);
  return keep({ text, via, code: found.kind === "device" ? found.name : "" });
}

async function mode(action, text, via) {
  if (!tiles.has(action)) {
    signal("blocked");
    if (sitting) return keep({ text, via });
    return oops(say.sayNotForYou);
  }
  if (sitting?.action !== action) await begin(fresh(action, { operator: sitting?.operator ?? null }));
  signal("done");
  return keep({ text, via, quiet: true });
}

async function set({ kind, name, secret: given }, text, via) {
  const id = Number(name);
  const wanted = kind === "place" ? ["move", "count"] : ["load", "confirm"];
  if (wanted.includes(sitting.action)) {
    if (sitting[kind] !== id) await change({ [kind]: id });
    if (kind === "handover" && given) secret = given;
    signal("done");
    draw();
  }
  // Through another keyboard, any sign may stand for the # before the secret.
  return keep({ text: given ? `https://${say.host}/H/${name}` : text, via, quiet: wanted.includes(sitting.action) });
}

async function badge({ name }, text, via) {
  sitting.operator = Number(name);
  fetch(`/stations/badge/${name}`).then((answer) => answer.json()).then((found) => { operators.set(Number(name), found.name); draw(); }, () => {});
  await box.keep("sitting", sitting);
  signal("done");
  draw();
  return keep({ text, via, quiet: true });
}

// Keep it, show that it is kept, and send it.
async function keep({ text, via, code = "", giving = null, undoes = "", quiet = false, of = {} }) {
  const { run, action, place, handover, fault, grade, operator } = { ...sitting, ...of };
  let row;
  try {
    row = await box.put({ run, action, place, handover, fault, grade, operator, text, via, giving, undoes, code, quiet, queued: !online });
  } catch {
    return trouble(say.sayFull);
  }
  pending.add(row.id);
  if (!online && !quiet) queued(row);
  box.flush().then(() => { if (!quiet) queued(row); });
}

const pending = new Set(); // ids whose outcome has not been shown

function queued(row) {
  if (!pending.delete(row.id)) return;
  row.shown = true;
  let sentence = say.sayNoList;
  if (row.code && expected.size) sentence = expected.has(row.code) ? say.sayListed : say.sayUnlisted;
  outcome({ verdict: "queued", sentence, code: grouped(row.code) || row.text, out: "" }, row);
}

const grouped = (code) => (code ? `${code.slice(0, 4)} ${code.slice(4)}` : "");

function learn(changed) {
  for (const row of changed) {
    const mine = row.user === Number(say.user) && (row.run === sitting?.run || row.unread || rows.has(row.id));
    if (mine) rows.set(row.id, row);
    if (!row.told) continue;
    const waited = pending.delete(row.id) || row.id === showing;
    if (waited && (!row.quiet || row.told.verdict !== "done")) outcome(row.told, row);
  }
  draw();
}

// ---- What is shown

let showing; // the id of the scan whose waiting is shown

function outcome(told, row) {
  signal(told.verdict);
  showing = told.verdict === "queued" ? row.id : undefined;
  const sheet = find(`#t-${told.verdict}`).content.firstElementChild.cloneNode(true);
  find(".code", sheet).textContent = told.code ?? "";
  find(".outcome-name", sheet).textContent = told.name ?? "";
  find(".outcome-sentence", sheet).textContent = told.sentence ?? "";
  find(".outcome-out", sheet).textContent = told.out ?? "";
  ways(find(".outcome-ways", sheet), told, row);
  const place = find("[data-outcome]");
  place.replaceChildren(sheet);
  place.hidden = false;
  root.dataset.verdict = told.verdict;
  root.dataset.outcomes = (Number(root.dataset.outcomes) || 0) + 1; // before the first it is an address
}

function oops(sentence) {
  outcome({ verdict: "blocked", sentence, code: "" }, null);
}

function ways(place, told, row) {
  if (told.url) place.append(link(told.url, told.label));
  if (told.mark === "elsewhere" && row) {
    place.append(button(label("move"), () => keep({ text: row.text, via: "typed", code: row.code, of: { action: "move", run: `${row.run}-move` } })));
  }
  if (told.undo && row && !taken(row)) place.append(button(say.sayTakeBack, () => keep({ text: row.text, via: "typed", undoes: row.id })));
  if (row?.unread) place.append(button(say.sayRead, () => box.read(row.seq)));
}

const label = (action) => find("strong", tiles.get(action)).textContent;
const taken = (row) => [...rows.values()].some((other) => other.undoes === row.id && other.told?.verdict === "done");

function link(url, text) {
  const made = document.createElement("a");
  Object.assign(made, { href: url, textContent: text, className: "btn btn-secondary" });
  return made;
}

function button(text, press) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: text, className: "btn btn-secondary" });
  made.addEventListener("click", () => { made.disabled = true; press(); input.focus({ preventScroll: true }); });
  return made;
}

let drawing = false;

function draw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => { drawing = false; drawNow(); });
}

function drawNow() {
  const chosen = sitting !== undefined;
  root.classList.toggle("chosen", chosen);
  find("[data-choose]").hidden = chosen;
  find("[data-change]").hidden = find("[data-end]").hidden = find("[data-result]").hidden = !chosen;
  find("[data-work]").hidden = !find("[data-taker]").hidden;
  if (chosen) {
    find("[data-action]").textContent = label(sitting.action);
    find("[data-icon]").replaceChildren(find(`#a-${sitting.action}`).content.cloneNode(true));
    drawSetup();
    drawResult();
  }
}

function drawSetup() {
  const shows = { place: needs() === "place", handover: needs() === "handover", fault: sitting.action === "send-to-repair", grade: needs() === "grade" };
  find("[data-setup]").hidden = !Object.values(shows).some(Boolean);
  for (const [name, shown] of Object.entries(shows)) find(`[data-for=${name}]`).hidden = !shown;
  if (shows.place) options("#f-place", choices.places, sitting.place);
  if (shows.handover) options("#f-handover", choices[sitting.action] ?? [], sitting.handover);
  find("#f-fault").value = sitting.fault;
  const known = shows.place ? named(choices.places, sitting.place) : shows.handover ? named(choices[sitting.action] ?? [], sitting.handover) : "";
  const context = find("[data-context]");
  context.textContent = [known, sitting.operator && `${say.sayOperator} ${operators.get(sitting.operator) ?? sitting.operator}`].filter(Boolean).join(" · ");
  context.hidden = !context.textContent;
  const sign = find("[data-sign]");
  sign.hidden = sitting.action !== "confirm" || !sitting.handover;
  if (!sign.hidden) sign.href = `/h/${sitting.handover}${secret ? `#${secret}` : ""}`;
}

const operators = new Map();
const named = (list, id) => list.find(([one]) => one === id)?.[1] ?? (id ? `№ ${id}` : "");

function options(selector, list, chosen) {
  const select = find(selector);
  const [first] = select.options;
  if (select.options.length - 1 !== list.length || select.dataset.listed !== sitting.action) {
    select.replaceChildren(first, ...list.map(([id, name]) => new Option(name, id)));
    select.dataset.listed = sitting.action;
  }
  if (chosen && ![...select.options].some((one) => Number(one.value) === chosen)) select.add(new Option(named([], chosen), chosen));
  select.value = chosen ?? "";
}

function drawResult() {
  const mine = [...rows.values()];
  const back = new Set(mine.filter((row) => row.undoes && row.told?.verdict === "done").map((row) => row.undoes));
  const counts = {};
  const met = new Set();
  for (const row of mine) {
    if (row.undoes || row.quiet || back.has(row.id) || row.run !== sitting.run) continue;
    const verdict = row.told?.verdict ?? "queued";
    counts[verdict] = (counts[verdict] ?? 0) + 1;
    const code = row.told?.code?.replace(" ", "") || row.code;
    if (expected.has(code) && ["done", "already", "queued"].includes(verdict)) met.add(code);
  }
  for (const cell of document.querySelectorAll("[data-of]")) {
    const count = counts[cell.dataset.of] ?? 0;
    find("dd", cell).textContent = count;
    cell.classList.toggle("none", !count);
  }
  const known = ["count", "confirm"].includes(sitting.action) && expected.size > 0;
  find("[data-expected]").hidden = !known;
  find("[data-got]").textContent = met.size;
  find("[data-all]").textContent = expected.size;
  const newest = mine.filter((row) => !row.quiet || row.told?.verdict !== "done").reverse();
  const shown = [...newest.filter((row) => row.unread), ...newest.filter((row) => !row.unread)].slice(0, SHOWN);
  const last = newest.find((row) => row.told?.undo && !row.undoes && !back.has(row.id));
  find("[data-list]").replaceChildren(...shown.map((row) => item(row, back.has(row.id), row === last)));
  find("[data-none]").hidden = shown.length > 0;
}

function item(row, undone, last) {
  const told = row.told ?? { verdict: "queued" };
  const made = find(`#i-${told.verdict}`).content.firstElementChild.cloneNode(true);
  find(".code", made).textContent = told.code || grouped(row.code) || row.text;
  find(".item-name", made).textContent = told.name ?? "";
  const time = find("time", made);
  time.textContent = new Date(row.at).toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const more = row.unread || told.verdict !== "done" ? [told.sentence, told.out] : [];
  find(".item-more", made).textContent = [undone && say.sayUndone, ...more].filter(Boolean).join(" ");
  made.classList.toggle("undone", undone);
  made.classList.toggle("unread", Boolean(row.unread));
  if (row.unread) {
    if (told.url) find(".item-ways", made).append(link(told.url, told.label));
    find(".item-ways", made).append(button(say.sayRead, () => box.read(row.seq)));
  } else if (last) find(".item-ways", made).append(button(say.sayTakeBack, () => keep({ text: row.text, via: "typed", undoes: row.id })));
  return made;
}

const signIn = () => find("[data-net-words]").prepend(link("/sign-in?to=%2Fstations%2F", say.saySignIn));

async function drawNet(detail = {}) {
  if (gone) return;
  if ("online" in detail) ({ online, refused = 0 } = detail);
  const waiting = await box.waiting();
  const others = await box.waitingOfOthers();
  const net = find("[data-net]");
  net.classList.toggle("off", !online);
  let words = online ? say.sayOnline : say.sayOffline;
  const away = refused === 401 || refused === 403;
  if (away) words = "";
  if (waiting) {
    const since = await box.oldest();
    if (since && Date.now() - since > 60_000) words += ` · ${say.sayOld} ${new Date(since).toLocaleString("vi-VN", { dateStyle: "short", timeStyle: "short" })}`;
  }
  if (others) words += ` · ${say.sayOthers} ${others}`;
  find("[data-net-words]").textContent = words;
  find("[data-waiting]").textContent = waiting;
  find("[data-send]").hidden = find("[data-export]").hidden = !waiting;
  root.dataset.unsent = waiting;
  if (away) signIn();
}

function drawCodes() {
  find("[data-codes-kept]").textContent = expected.size ? `${say.sayKept} ${expected.size}` : "";
  draw();
}

function trouble(sentence) {
  const place = find("[data-trouble]");
  find("span", place).textContent = sentence;
  place.hidden = !sentence;
}

// ---- Giving: who takes it signs on the screen

let taking;

async function openTaker(code, via) {
  taking = { code, via };
  const sheet = find("[data-taker]");
  find("[data-taker-form]").reset();
  find("[data-taker-wrong]").hidden = true;
  find("[data-signature] button", sheet).click(); // an empty sheet
  find("[data-taker-code]").textContent = grouped(code);
  find("[data-taker-pupil]").textContent = say.sayNoName;
  sheet.hidden = false;
  drawNow();
  signal("queued");
  sheet.scrollIntoView({ block: "start" });
  find("input[name=taken_by]", sheet).focus();
  try {
    const answer = await fetch(`/stations/taker/${code}`);
    if (answer.ok && taking?.code === code) {
      const { pupil, cls } = await answer.json();
      find("[data-taker-pupil]").textContent = `${say.sayFor} ${pupil} · ${cls}`;
    } else if (answer.status === 404 && taking?.code === code) {
      closeTaker();
      await keep({ text: code, via, code }); // the server says why
    }
  } catch { /* The name stands on the paper. */ }
}

function closeTaker() {
  taking = undefined;
  find("[data-taker]").hidden = true;
  draw();
}

find("[data-taker-form]").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const giving = {
    taken_by: form.get("taken_by") ?? "", name: form.get("name").trim(), strokes: form.get("signature") ?? "", declared: form.get("signature_typed") === "1",
  };
  const wrong = find("[data-taker-wrong]");
  wrong.hidden = Boolean(giving.taken_by && giving.name && (giving.strokes || giving.declared));
  wrong.textContent = say.sayWho;
  if (!wrong.hidden || !taking) return;
  const { code, via } = taking;
  closeTaker();
  input.focus({ preventScroll: true });
  await keep({ text: code, via, code, giving });
});

find("[data-taker-cancel]").addEventListener("click", async () => {
  const { code, via } = taking;
  closeTaker();
  input.focus({ preventScroll: true });
  await keep({ text: code, via, code });
});

// ---- Buttons

find("[data-enter]").addEventListener("click", () => {
  const text = input.value.trim();
  input.value = "";
  input.focus();
  if (text) one({ text, format: "typed" });
});
find("[data-change]").addEventListener("click", async () => {
  if (await unfinished()) return;
  await leave();
});
find("[data-send]").addEventListener("click", () => box.flush());
find("[data-finish]").addEventListener("click", finish);
find("[data-export]").addEventListener("click", async () => {
  const url = URL.createObjectURL(new Blob([await box.file()], { type: "application/json" }));
  const made = Object.assign(document.createElement("a"), { href: url, download: `luot-quet-${new Date().toISOString().slice(0, 16).replace(/\D/g, "")}.json` });
  made.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
});
for (const [selector, take] of Object.entries({
  "#f-place": (value) => change({ place: Number(value) || null }),
  "#f-handover": (value) => { secret = ""; return change({ handover: Number(value) || null }); },
  "#f-fault": (value) => adjust({ fault: value }),
  "#f-function": () => adjust({ grade: grade() }),
  "#f-cosmetic": () => adjust({ grade: grade() }),
})) find(selector).addEventListener("change", async (event) => { await take(event.target.value); input.focus({ preventScroll: true }); });

const grade = () => `${find("#f-function").value} ${find("#f-cosmetic").value}`;

async function adjust(more) {
  Object.assign(sitting, more);
  await box.keep("sitting", sitting);
}

for (const [action, tile] of tiles) {
  tile.addEventListener("click", (event) => {
    event.preventDefault();
    unlock();
    start(action);
  });
}

async function start(action) {
  await begin(fresh(action, { grade: grade(), operator: sitting?.operator ?? null }));
  input.focus({ preventScroll: true });
}

async function leave() {
  sitting = undefined;
  secret = "";
  rows.clear();
  expected.clear();
  await box.keep("sitting", null);
  history.replaceState(null, "", location.pathname);
  find("[data-action]").textContent = document.title.split(" · ")[0];
  find("[data-outcome]").hidden = find("[data-setup]").hidden = find("[data-context]").hidden = true;
  draw();
}

async function unfinished() {
  trouble("");
  await box.flush();
  if (await box.waiting()) trouble(say.sayUnsent);
  else if (await box.unread()) trouble(say.sayUnread);
  else return false;
  find("[data-trouble]").scrollIntoView({ block: "center" });
  return true;
}

async function finish() {
  if (await unfinished()) return;
  const scans = [...rows.values()].filter((row) => row.run === sitting.run).length;
  if (!scans) return trouble(say.sayFinishFirst);
  const answer = await box.post("/stations/finish", { run: sitting.run, scans });
  if (!answer) return trouble(say.sayUnsent);
  if (answer.status !== 200) return trouble([answer.body.sentence, answer.body.out].filter(Boolean).join(" ") || say.saySignIn);
  await box.keep("sitting", null);
  location.assign(answer.body.url);
}

// ---- Begin

async function learnState(state) {
  if (state.wipe === box.user) return wipe();
  if (state.wipe) await box.forgetOf(state.wipe);
  if (state.signed_in && state.user !== box.user) return another();
  if (!state.signed_in) return drawNet({ online: true, refused: 401 });
  choices = state;
  await box.keep("choices", { places: state.places, load: state.load, confirm: state.confirm });
  await box.keep("pass", state.pass);
  draw();
}

// The page that is kept is of the person before.
async function another() {
  gone = true;
  for (const name of await (globalThis.caches?.keys() ?? [])) await (await caches.open(name)).delete("/stations/");
  location.reload();
}

async function wipe() {
  shut();
  const all = await box.forgetOf(box.user);
  box.close();
  await forget(idb, all);
  trouble(say.sayWiped);
}

function shut() {
  gone = true;
  sitting = undefined;
  for (const part of ["work", "result", "end", "setup", "choose", "change"]) find(`[data-${part}]`).hidden = true;
}

let order = Promise.resolve(); // scans are taken one after another, however fast they come

function one(detail) {
  order = order.then(() => scanned(detail)).catch((error) => { trouble(String(error)); });
}

scanBox.addEventListener("scanned", (event) => {
  if (input.value === event.detail.text || event.detail.format === "typed") input.value = "";
  one(event.detail);
});
document.addEventListener("pointerdown", unlock);
document.addEventListener("keydown", unlock);

try {
  box = await Outbox.open(idb, Number(say.user));
} catch {
  trouble(say.sayFull);
  throw new Error("no place to keep scans");
}
box.addEventListener("rows", ({ detail }) => { learn(detail.rows); drawNet(); });
box.addEventListener("net", ({ detail }) => drawNet(detail));
box.addEventListener("closed", () => { // signed out in another tab
  if (gone) return;
  shut();
  signIn();
});
box.addEventListener("state", ({ detail }) => learnState(detail));
choices = (await box.kept("choices")) ?? choices;
const before = await box.kept("sitting");
const asked = location.hash.slice(1);
if (asked && tiles.has(asked) && before?.action !== asked) await begin(fresh(asked, { grade: grade() }));
else if (before && tiles.has(before.action)) await begin(before);
draw();
input.focus({ preventScroll: true });
root.dataset.ready = "1";
drawNet();
box.state().then((state) => { if (!state) drawNet({ online: false }); if (!gone) box.flush(); });

window.addEventListener("online", () => box.state().then(() => { if (!gone) box.flush(); }));
window.addEventListener("offline", () => drawNet({ online: false }));
window.addEventListener("hashchange", () => { const action = location.hash.slice(1); if (tiles.has(action) && sitting?.action !== action) start(action); });
document.addEventListener("visibilitychange", () => { if (!document.hidden && !gone) box.flush(); });
setInterval(async () => {
  if (gone) return;
  if (await box.waiting()) box.flush();
  if (!document.hidden && sitting && online && Date.now() - listed > REFRESH) codes();
}, AGAIN);
navigator.storage?.persist?.();

if (navigator.serviceWorker && window.isSecureContext) {
  find("[data-offline]").textContent = "";
  navigator.serviceWorker.register(say.worker, { scope: "/stations/" }).then(() => navigator.serviceWorker.ready).then((ready) => {
    ready.active?.postMessage("later");
    find("[data-offline]").textContent = say.sayReady;
    root.dataset.offlineReady = "1";
  }).catch(() => { find("[data-offline]").textContent = say.saySecure; });
} else find("[data-offline]").textContent = say.saySecure;

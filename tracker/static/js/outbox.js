// What is scanned is kept on the device first, and sent from there: it survives a closed tab, a dead battery and
// a lost answer. Each scan has an id from the moment it is made, so that the server takes it once.

const NAME = "tracker-station";
const MOST = 250; // scans in one request, as the server takes
const STALE = 10_000; // ms after which a scan that was never sent has waited
const PATIENCE = 20_000; // ms for one request
const KEPT = 7 * 24 * 3600_000; // ms that answered and read scans are shown again
const HEAVY = 2_000_000; // symbols of signatures in one request
const NUMBER = 20_000; // scans in one file, as the office takes

export class Outbox extends EventTarget {
  constructor(db, user) {
    super();
    this.db = db;
    this.user = user;
    this.opened = Date.now();
    this.offset = null; // ms that this device's clock is behind the server's
    this.token = "";
    this.sending = null;
    this.closed = false;
    this.channel = new BroadcastChannel(NAME);
    this.channel.onmessage = ({ data }) => this.tell(data.name, data.detail, true);
  }

  static async open({ openDB }, user) {
    const db = await openDB(NAME, 1, {
      upgrade(base) {
        const scans = base.createObjectStore("scans", { keyPath: "seq", autoIncrement: true });
        scans.createIndex("id", "id", { unique: true });
        scans.createIndex("waiting", ["user", "waiting"]);
        scans.createIndex("unread", ["user", "unread"]);
        scans.createIndex("run", "run");
        base.createObjectStore("kept");
      },
      blocking: () => box.close(),
    });
    const box = new Outbox(db, user);
    box.offset = (await box.kept("offset")) ?? null;
    if (user) await box.own();
    await box.tidy();
    return box;
  }

  tell(name, detail, echo = false) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
    if (!echo) this.channel.postMessage({ name, detail });
  }

  // Another person's lists and sitting are not this one's; their unsent scans stay theirs.
  async own() {
    if ((await this.kept("user")) === this.user) return;
    const writing = this.db.transaction("kept", "readwrite");
    await writing.store.clear();
    await writing.store.put(this.user, "user");
    await writing.done;
  }

  close() {
    this.closed = true;
    this.db.close();
    this.tell("closed", {}, true);
  }

  kept(key) { return this.db.get("kept", key); }
  keep(key, value) { return this.closed ? undefined : this.db.put("kept", value, key); }

  // Keep a scan. It is on the disk when this returns.
  async put(scan) {
    const row = {
      ...scan, id: uuid(), at: Date.now(), offset: this.offset, user: this.user, waiting: 1, tries: 0,
    };
    row.seq = await this.db.add("scans", row);
    this.tell("rows", { rows: [row] });
    return row;
  }

  waiting(user = this.user) { return this.db.countFromIndex("scans", "waiting", [user, 1]); }
  unread() { return this.db.countFromIndex("scans", "unread", [this.user, 1]); }

  async waitingOfOthers() {
    const all = await this.db.countFromIndex("scans", "waiting");
    return all - (await this.waiting());
  }

  async oldest() {
    const cursor = await this.db.transaction("scans").store.index("waiting").openCursor([this.user, 1]);
    return cursor?.value.at ?? null;
  }

  // The scans of a sitting, and every refused one that nobody has read, oldest first.
  async of(run) {
    const rows = await this.db.getAllFromIndex("scans", "run", run);
    const unread = await this.db.getAllFromIndex("scans", "unread", [this.user, 1]);
    return [...unread.filter((row) => row.run !== run), ...rows.filter((row) => row.user === this.user)];
  }

  async read(seq) {
    const row = await this.db.get("scans", seq);
    if (!row) return;
    delete row.unread;
    await this.db.put("scans", row);
    this.tell("rows", { rows: [row] });
  }

  // Send what waits; resolves when nothing more can be sent. One tab sends at a time, the others hear of it.
  flush() {
    this.again = true;
    this.sending ??= this.sendAll()
      .catch((error) => { if (!this.closed) throw error; }) // what was deleted is not sent
      .finally(() => { this.sending = null; });
    return this.sending;
  }

  async sendAll() {
    while (this.again) {
      this.again = false;
      if (navigator.locks) await navigator.locks.request(NAME, () => this.send());
      else await this.send();
    }
  }

  async send() {
    for (;;) {
      const rows = light(await this.db.getAllFromIndex("scans", "waiting", [this.user, 1], MOST));
      if (!rows.length) return this.tell("net", { online: true });
      const now = Date.now();
      for (const row of rows) row.queued ||= row.tries > 0 || row.at < this.opened || Math.abs(now - row.at) > STALE;
      const answer = await this.post("/stations/settle", { scans: rows.map(asSent) });
      if (!answer) {
        await this.mark(rows.filter((row) => !row.queued), (row) => { row.queued = true; row.tries += 1; });
        return this.tell("net", { online: false });
      }
      if (answer.status !== 200) return this.tell("net", { online: true, refused: answer.status });
      await this.answered(rows, answer.body);
    }
  }

  async answered(rows, { told, now }) {
    this.learn(now);
    const by = new Map(told.map((one) => [one.id, one]));
    const bad = new Set(["blocked", "unknown", "retired", "not-yours"]);
    const waited = new Set(rows.filter((row) => row.queued).map((row) => row.id));
    await this.mark(rows.filter((row) => by.has(row.id)), (row) => {
      delete row.waiting;
      delete row.giving; // who signed, and how, is the server's now
      row.told = by.get(row.id);
      row.queued = waited.has(row.id);
      // What waited comes back when nobody is looking: it stays until somebody has read it.
      if (row.queued && bad.has(row.told.verdict)) row.unread = 1;
    });
  }

  async mark(rows, change) {
    const changed = [];
    const writing = this.db.transaction("scans", "readwrite");
    for (const row of rows) {
      const newest = await writing.store.get(row.seq);
      if (!newest) continue;
      change(newest);
      writing.store.put(newest);
      changed.push(newest);
    }
    await writing.done;
    this.tell("rows", { rows: changed });
  }

  learn(now) {
    this.offset = now - Date.now();
    this.keep("offset", this.offset);
  }

  // The answer of the server as {status, body}; null where there was none.
  async post(url, body, retried = false) {
    if (!this.token) {
      const state = await this.state();
      if (!state) return null;
      if (!this.token) return { status: 401, body: {} };
    }
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
        body: JSON.stringify({ ...body, user: this.user }),
        signal: AbortSignal.timeout?.(PATIENCE),
      });
      if (answer.status >= 500) return null;
      if (answer.status === 400 && !retried) {
        this.token = "";
        return this.post(url, body, true);
      }
      const json = answer.headers.get("Content-Type")?.startsWith("application/json");
      if (answer.status === 401) this.token = "";
      return { status: answer.status, body: json ? await answer.json() : {} };
    } catch {
      return null;
    }
  }

  // Who is signed in, and what the station can be set to; null where there is no network.
  async state() {
    try {
      const answer = await fetch("/stations/state", { signal: AbortSignal.timeout?.(PATIENCE) });
      if (answer.status !== 200 && answer.status !== 401) return null;
      const state = await answer.json();
      this.learn(state.now);
      this.token = state.user === this.user ? state.token : "";
      this.tell("state", state);
      return state;
    } catch {
      return null;
    }
  }

  // What could not be sent, as a file that the office can bring in.
  async file() {
    const rows = await this.db.getAllFromIndex("scans", "waiting", [this.user, 1], NUMBER);
    const scans = rows.map((row) => ({ ...asSent(row), queued: true }));
    return JSON.stringify({ format: "tracker-scans/1", pass: (await this.kept("pass")) ?? "", scans });
  }

  // Forget all of one person. True where nothing of others waits.
  async forgetOf(user) {
    const writing = this.db.transaction(["scans", "kept"], "readwrite");
    let cursor = await writing.objectStore("scans").openCursor();
    while (cursor) {
      if (cursor.value.user === user) cursor.delete();
      cursor = await cursor.continue();
    }
    writing.objectStore("kept").clear();
    await writing.done;
    return !(await this.db.countFromIndex("scans", "waiting"));
  }

  async tidy() {
    const before = Date.now() - KEPT;
    let cursor = await this.db.transaction("scans", "readwrite").store.openCursor();
    while (cursor && cursor.value.at < before) {
      if (!cursor.value.waiting && !cursor.value.unread) cursor.delete();
      cursor = await cursor.continue();
    }
  }
}

// As many scans, from the first, as one request holds.
function light(rows) {
  let size = 0;
  return rows.filter((row, n) => (size += row.giving?.strokes.length ?? 0) < HEAVY || !n);
}

const SENT = "id run action text via at offset queued place handover fault grade operator giving undoes".split(" ");

function asSent(row) {
  const sent = {};
  for (const name of SENT) if (row[name] !== undefined && row[name] !== null && row[name] !== "") sent[name] = row[name];
  sent.text = row.text ?? "";
  return sent;
}

// crypto.randomUUID is there only where the address is secure.
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// Whether anything was ever kept on this device.
export async function kept() {
  const all = await indexedDB.databases?.();
  return !all || all.some(({ name }) => name === NAME);
}

// Forget everything kept on this device: at sign-out, and for who may not work here any more.
export async function forget({ deleteDB }, all = true) {
  if (all) await deleteDB(NAME);
  for (const name of await (globalThis.caches?.keys() ?? [])) if (name.startsWith("station-")) await caches.delete(name);
  for (const one of (await navigator.serviceWorker?.getRegistrations()) ?? []) await one.unregister();
}

// What a scanned text names, word for word as `tracker.custody.codes` and `keyboards` say it: a test compares them.
// Only addresses of our own host are understood, and nothing is ever followed.

const ALPHABET = "23456789BCFGHJKLMNPQRSTVXZ";
const LONGEST = 200;
const BETWEEN = /[\s\-‐‑‒–—._·]+/gu;
const PATH = /[^0-9A-Z]T[^0-9A-Z]([0-9A-Z\s-]+)\/?$/u;
const THINGS = [
  ["handover", /^\/H\/([0-9]{1,12})\/?$/i], ["paper", /^\/B\/([1-9][0-9]{0,8})\/?$/i], ["place", /^\/P\/([0-9]{1,9})\/?$/i],
  ["mode", /^\/M\/([A-Z-]{1,24})\/?$/i], ["badge", /^\/U\/([1-9][0-9]{0,8})\/?$/i],
];

const US = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:\"ZXCVBNM<>?";
const LAYOUTS = [
  "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!~1234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§",
  "^1234567890ß´qwertzuiopü+#asdfghjklöäyxcvbnm,.-°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_",
  "º1234567890'¡qwertyuiop`+çasdfghjklñ´zxcvbnm,.-ª!\"·$%&/()=?¿QWERTYUIOP^*ÇASDFGHJKLÑ¨ZXCVBNM;:_",
  "\\1234567890'ìqwertyuiopè+ùasdfghjklòàzxcvbnm,.-|!\"£$%&/()=?^QWERTYUIOPé*§ASDFGHJKLç°ZXCVBNM;:_",
  "`1234567890-^qwertyuiop@[]asdfghjkl;:zxcvbnm,./~!\"#$%&'()_=~QWERTYUIOP`{}ASDFGHJKL+*ZXCVBNM<>?",
  "ё1234567890-=йцукенгшщзхъ\\фывапролджэячсмитьбю.Ё!\"№;%:?*()_+ЙЦУКЕНГШЩЗХЪ/ФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,",
  "`ăâêô\u0300\u0309\u0303\u0301\u0323đ-₫qwertyuiopươ\\asdfghjkl;'zxcvbnm,./~ĂÂÊÔ\u0300\u0309\u0303\u0301\u0323Đ_+QWERTYUIOPƯƠ|ASDFGHJKL:\"ZXCVBNM<>?",
].map((signs) => new Map([...signs].map((sign, at) => [sign, US[at]]).reverse()));
const MARKS = new Set("SFRXJZWAEOD0123456789");

const NONE = { kind: "none", name: "", secret: "" };

function cleaned(text) {
  return text.slice(0, 4 * LONGEST).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, "").trim().replace(/^\][A-Za-z][0-9A-Za-z]/, "");
}

function undone(text) {
  return LAYOUTS.flatMap((back, layout) => {
    const typed = layout === LAYOUTS.length - 1 ? orders(text) : [text];
    return typed.map((one) => [...one].map((sign) => back.get(sign) ?? sign).join("")).filter((meant) => meant !== text);
  });
}

// An editor may have joined tone marks with letters, and sorted them. A text that is not sorted is as it was typed.
function orders(text) {
  const sorted = text.normalize("NFC") === text;
  const signs = sorted ? text.normalize("NFD").match(/[^\u0300\u0301\u0303\u0309\u0323\u0302\u0306][\u0300\u0301\u0303\u0309\u0323\u0302\u0306]*|[\u0300\u0301\u0303\u0309\u0323\u0302\u0306]+/gsu) ?? [] : [...text];
  const apart = signs.map(parted).join("");
  let found = [""];
  for (const run of apart.split(/([\u0300\u0301\u0303\u0309\u0323]{2,})/)) {
    let choices = [run];
    if (sorted && /^[\u0300\u0301\u0303\u0309\u0323]{2}/.test(run)) choices = sorts(run.replace(/\u0323/g, ""), run.split("\u0323").length - 1);
    if (found.length * choices.length > 100) return [];
    found = found.flatMap((before) => choices.map((choice) => before + choice));
  }
  return found;
}

// The hat of a letter belongs to the letter, as one key has both.
function parted(sign) {
  const [letter, ...marks] = sign.normalize("NFD");
  const at = marks.findIndex((mark) => mark === "\u0302" || mark === "\u0306");
  const [hat] = at < 0 ? [] : marks.splice(at, 1);
  return (hat ? (letter + hat).normalize("NFC") : letter) + marks.join("");
}

// What a row of marks may have been before the dots among them came first.
function sorts(above, dots) {
  if (!dots) return [above];
  if (!above) return ["\u0323".repeat(dots)];
  return [...sorts(above, dots - 1).map((rest) => `\u0323${rest}`), ...sorts(above.slice(1), dots).map((rest) => above[0] + rest)];
}

function isHost(typed, host) {
  const own = host.toUpperCase();
  if (typed.toUpperCase() === own) return true;
  const apart = typed.toUpperCase().replaceAll("Đ", "D\u0335").normalize("NFD");
  const marks = (apart.match(/\p{M}/gu) ?? []).length;
  const left = apart.replace(/\p{M}/gu, "");
  const missing = own.length - left.length;
  if (missing <= 0 || missing > marks) return false;
  let at = 0;
  for (const sign of own) {
    if (left[at] === sign) at += 1;
    else if (!MARKS.has(sign)) return false;
  }
  return at === left.length;
}

function checks(code) {
  // ISO 7064, the hybrid system of stdnum's mod_37_36, over our 26 symbols.
  const n = ALPHABET.length;
  let check = n / 2;
  for (const symbol of code.slice(0, -1)) check = (((check || n) * 2) % (n + 1) + ALPHABET.indexOf(symbol)) % n;
  return ALPHABET[(1 - (((check || n) * 2) % (n + 1)) + 2 * n) % n] === code.at(-1);
}

// The scheme, the host, the path and the fragment of an address; null where there is no scheme.
function address(text) {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/s.exec(text.replace(/[\t\r\n]/g, ""));
  return match && { scheme: match[1].toLowerCase(), host: match[2], path: match[3], fragment: match[4] ?? "" };
}

function thing(text, host) {
  const found = address(text.slice(0, 400));
  if (!found || !["http", "https"].includes(found.scheme) || !isHost(found.host, host)) return null;
  for (const [kind, pattern] of THINGS) {
    const match = pattern.exec(found.path);
    if (match) return { kind, name: kind === "mode" ? match[1].toLowerCase() : match[1], secret: kind === "handover" ? found.fragment : "" };
  }
  return null;
}

function code(text, host) {
  let seen = text.toUpperCase();
  if (seen.length > LONGEST) return NONE;
  if (seen.includes("://")) {
    const found = address(seen);
    const match = found && isHost(found.host, host) && /^\/T\/([0-9A-Z -]+)\/?$/.exec(found.path);
    if (!match) return NONE;
    seen = match[1];
  } else {
    const match = PATH.exec(seen);
    if (match) {
      const letters = (part) => part.replace(/[^\p{L}\p{M}\p{N}]/gu, "");
      const front = seen.slice(0, match.index);
      const own = letters(host.toUpperCase());
      const rest = front.replace(/^HTTPS?[^0-9A-Z]+/, "");
      const names = rest === front ? [own, `HTTP${own}`, `HTTPS${own}`] : [own];
      if (!names.includes(letters(rest))) return NONE;
      seen = match[1];
    }
  }
  const bare = seen.replace(BETWEEN, "");
  if (bare.length !== 8 || [...bare].some((symbol) => !ALPHABET.includes(symbol))) return NONE;
  return { kind: checks(bare) ? "device" : "mistyped", name: bare, secret: "" };
}

export function understand(text, host) {
  const meaning = (seen) => thing(seen, host) ?? code(seen, host);
  const seen = cleaned(text);
  const plain = meaning(seen);
  if (plain.kind !== "none" || seen.length > LONGEST) return plain;
  const found = new Map();
  for (const meant of undone(seen)) {
    const one = meaning(meant);
    if (one.kind !== "none" && one.kind !== "mistyped") found.set(`${one.kind} ${one.name} ${one.secret}`, one);
  }
  return found.size === 1 ? [...found.values()][0] : NONE;
}

// What a scanned text names, as `tracker.custody.codes` says it. Only addresses of our own host are understood, and
// nothing is ever followed.

const ALPHABET = "23456789BCFGHJKLMNPQRSTVXZ";
const BETWEEN = /[\s\-‐‑‒–—._·]+/g;

function checked(code) {
  // ISO 7064, hybrid system, over our 26 symbols.
  const n = ALPHABET.length;
  let check = n / 2;
  for (const symbol of code.slice(0, -1)) check = (((check || n) * 2) % (n + 1) + ALPHABET.indexOf(symbol)) % n;
  check = ((check || n) * 2) % (n + 1);
  return ALPHABET[(1 - check + n + n) % n] === code.at(-1);
}

function bareCode(text) {
  const bare = text.replace(BETWEEN, "");
  if (bare.length !== 8 || [...bare].some((symbol) => !ALPHABET.includes(symbol))) return null;
  return checked(bare) ? { kind: "device", name: bare } : { kind: "mistyped", name: bare };
}

const THINGS = [
  ["handover", /^\/h\/([0-9]{1,12})\/?$/i], ["paper", /^\/b\/([1-9][0-9]{0,8})\/?$/i], ["place", /^\/p\/([0-9]{1,9})\/?$/i],
  ["mode", /^\/m\/([a-z-]{1,24})\/?$/i], ["badge", /^\/u\/([1-9][0-9]{0,8})\/?$/i],
];

export function understand(text, host) {
  const seen = text.trim().toUpperCase();
  const address = /^(HTTPS?):\/\/([^/?#]*)([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/is.exec(text.trim());
  if (address) {
    if (address[2].toUpperCase() !== host.toUpperCase()) return { kind: "none", why: "host" };
    for (const [kind, pattern] of THINGS) {
      const match = pattern.exec(address[3]);
      if (match) return { kind, name: kind === "mode" ? match[1].toLowerCase() : match[1], secret: address[4] ?? "" };
    }
    const match = /^\/T\/([0-9A-Z \-]+)\/?$/i.exec(address[3]);
    return (match && bareCode(match[1].toUpperCase())) ?? { kind: "none", why: "text" };
  }
  return bareCode(seen) ?? (/^[0-9A-Z-]{5,40}$/.test(seen) ? { kind: "number", name: seen } : { kind: "none", why: "text" });
}

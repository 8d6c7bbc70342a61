// The page: which screen stands, what is said of the line, and when to try again.

import { copyOf } from "./copy.js";
import { form } from "./form.js";
import { list } from "./list.js";
import * as outbox from "./outbox.js";
import { load, owner, refresh, wipe } from "./pack.js";
import { drawn } from "./qr.js";
import { $, badge, clockTime, h, heading, say, show, t, urls, words } from "./view.js";

const EVERY_MS = 30000;
const DAY_MS = 86400000;
const state = { unsent: new Set(), sent: new Set(), pick: (code) => pick(code) };
let pack;
let missing = "none";
let screen = "list";

// --- screens ---------------------------------------------------------------------------------------
const event = () => pack.events.find((each) => each.code === state.event) ?? pack.events[0];

function pick(code) {
  state.event = code;
  showList();
}

async function showList() {
  screen = "list";
  await count();
  if (screen !== "list") return undefined; // somebody opened a door meanwhile, and writes
  if (!pack) return show(heading(t("title")), h("p", {}, t({ none: "no_pack" }[missing] ?? missing)), tools());
  return show(list(pack, event(), state, (row) => open(row)), tools());
}

function tools() {
  return h("div", { class: "tools" },
    pack && h("p", { class: "soft" }, t("refreshed", clockTime(pack.fetched))),
    h("button", { type: "button", class: "quiet", onclick: () => renew() }, t("refresh")),
    pack && h("button", { type: "button", class: "quiet", onclick: leaveForGood }, t("sign_out")));
}

function open(row, entry = { uuid: crypto.randomUUID() }, pictures = []) {
  screen = "form";
  history.pushState({ screen }, "");
  const { record } = entry;
  const before = record && { ...record, finding: { ...pack.blank.base, ...(record.finding ?? record.base) } };
  if (before) delete before.finding.outcome;
  const days = Math.max(0, Math.floor((Date.now() - pack.fetched) / DAY_MS));
  const againOn = new Date(Date.parse(pack.again_on) + days * DAY_MS).toISOString().slice(0, 10);
  show(form(row, {
    before, pictures, againOn, leave: () => history.back(),
    save: (told, photos) => save(told, photos, row, entry), sketch: (told, photos) => sketch(told, photos, row, entry),
  }));
}

const recorded = (told, photos, { uuid, record }) => ({
  ...told, uuid, owner: pack.owner, event: record?.event ?? event().code, at: record?.at ?? new Date().toISOString(),
  photos: photos.map(({ at, place }) => ({ at, place })),
});

async function save(told, photos, row, entry) {
  await drawing;
  try {
    await outbox.add(recorded(told, photos, entry), row.name, photos.map((each) => each.bytes));
  } catch {
    return say(t("not_saved"), "bad");
  }
  await count(); // the word that it is saved never stands beside a number that does not know it
  say(t("saved"), "ok");
  history.back();
  return send();
}

// One sketch after another, and none after its form is left.
let drawing = Promise.resolve();
function sketch(told, photos, row, entry) {
  const record = recorded(told, photos, entry);
  drawing = drawing
    .then(() => screen === "form" && outbox.sketch(record, row.name, photos.map((each) => each.bytes)))
    .catch(() => {});
}

async function resume() {
  const entry = await outbox.sketched().catch(() => undefined);
  const row = entry && pack?.events.flatMap((each) => each.rows).find((each) => each.code === entry.record.household);
  if (!row || screen !== "list" || (await outbox.knows(entry.record.uuid))) return;
  state.event = entry.record.event;
  open(row, { ...entry, uuid: entry.record.uuid }, await outbox.pictures(entry));
}

async function showOutbox() {
  screen = "outbox";
  const [entries, done] = await Promise.all([outbox.waiting(), outbox.done()]);
  if (screen !== "outbox") return;
  const back = h("button", { type: "button", class: "quiet", onclick: () => history.back() }, t("back"));
  show(back, heading(t("outbox")),
    entries.length ? h("ul", { class: "rows" }, entries.map(unsent)) : h("p", {}, t("all_sent")),
    done.length > 0 && h("ul", { class: "rows" }, done.slice(0, 100).map(received)));
}

function unsent(entry) {
  if (!entry.mine) return h("li", {}, h("p", {}, t("others", 1)));
  const again = async (renumbered) => {
    await outbox.retry(entry.uuid, renumbered);
    await send();
    if (screen === "outbox") showOutbox();
  };
  const repair = entry.state === "repair";
  const row = repair && pack?.events.flatMap((each) => each.rows).find((each) => each.code === entry.record?.household);
  const edit = async () => open(row, entry, await outbox.pictures(entry));
  return h("li", { class: "card", "data-uuid": entry.uuid },
    h("p", {}, h("strong", {}, entry.name ?? "…"), " ", words.outcomes[entry.record?.outcome] ?? "", " ",
      badge(repair ? t("repair", 1) : t("waiting"), "warn"), " ", h("span", { class: "soft" }, clockTime(entry.saved_at))),
    repair && h("p", { class: "bad" }, t("reason", entry.reason)),
    h("div", { class: "tools" },
      row && h("button", { type: "button", onclick: edit }, t("edit")),
      repair && entry.code === "UuidTaken"
        ? h("button", { type: "button", class: "quiet", onclick: () => again(true) }, t("renumber"))
        : h("button", { type: "button", class: "quiet", onclick: () => again(false) }, t("resend")),
      entry.record && h("button", { type: "button", class: "quiet", onclick: (pressed) => copy(entry, pressed.target) }, t("copy"))));
}

async function copy(entry, button) {
  const text = copyOf(entry.record);
  const id = `copy-${entry.uuid}`;
  if (!$(id)) button.parentElement.after(h("label", { for: id }, t("copy_label")), h("textarea", { id, readonly: true, rows: 5 }, text), drawn(text, t("copy_code")) ?? "");
  $(id).select();
  try {
    await navigator.clipboard.writeText(text);
    say(t("copied"), "ok");
  } catch {
    $(id).focus();
  }
}

function received(entry) {
  const flags = entry.flags.filter((flag) => words.flags[flag]).map((flag) => badge(words.flags[flag], "warn"));
  return h("li", { class: "card" }, h("p", {}, h("strong", {}, entry.name ?? "…"), " ", badge(t("sent"), "ok"), " ",
    h("span", { class: "soft" }, t("receipt", entry.receipt)), " ", entry.held && badge(t("held"), "warn"), flags,
    entry.explain && [" ", h("a", { href: entry.explain }, t("explain"))]));
}

async function leaveForGood() {
  if ((await outbox.waiting()).some((each) => each.mine)) return say(t("sign_out_wait"), "bad");
  await wipe();
  pack = undefined;
  missing = "none";
  say(t("signed_out"), "ok");
  return showList();
}

// --- the line ----------------------------------------------------------------------------------------
// One count after another: an older one that ends later would put back what it saw.
let counted = Promise.resolve();
const count = () => (counted = counted.catch(() => {}).then(reckon));

async function reckon() {
  const [entries, done] = await Promise.all([outbox.waiting(), outbox.done()]);
  const mine = entries.filter((each) => each.mine);
  const repair = mine.filter((each) => each.state === "repair").length;
  const of = (each) => each.record?.event === (state.event ?? pack?.events[0]?.code);
  state.unsent = new Set(mine.filter(of).map((each) => each.record.household));
  state.sent = new Set(done.filter((each) => each.at > (pack?.fetched ?? 0) && of(each)).map((each) => each.record.household));
  const bar = $("unsent");
  bar.textContent = mine.length ? t("unsent", mine.length) : t("all_sent");
  bar.dataset.count = mine.length;
  bar.classList.toggle("warn", mine.length > 0);
  $("repair").textContent = repair ? t("repair", repair) : "";
  $("others").textContent = entries.length > mine.length ? t("others", entries.length - mine.length) : "";
  $("line").textContent = navigator.onLine ? t("online") : t("offline");
  return mine.length;
}

async function send() {
  if (!navigator.onLine) return count();
  const outcome = await outbox.flush();
  if (outcome === "signed out") askToSignIn();
  const left = await count();
  if (missing === "revoked" && !left) await wipe();
  return left;
}

function askToSignIn() {
  $("sign-in").replaceChildren(t("sign_in"), " ", h("a", { href: urls.login }, t("sign_in_link")));
}

async function renew() {
  let outcome = "later";
  try {
    if (navigator.onLine) outcome = await refresh();
  } catch {
    outcome = "later";
  }
  if (outcome === "signed out") askToSignIn();
  else if (outcome !== "later") $("sign-in").replaceChildren();
  ({ pack, missing } = { missing: "", ...(await load()) });
  if (missing === "revoked") say(t("revoked"), "bad");
  if (screen === "list") await showList();
}

// --- from the beginning --------------------------------------------------------------------------------
outbox.changed(async () => {
  await count();
  if (screen === "list" && pack) state.draw?.();
});
addEventListener("popstate", async () => {
  screen = "list";
  await drawing;
  await outbox.forgetSketch();
  showList();
});
addEventListener("online", send);
addEventListener("offline", () => count());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
setInterval(async () => (await owner()) !== undefined && (await count()) && send(), EVERY_MS);
$("outbox").addEventListener("click", () => {
  if (screen !== "outbox") history.pushState({ screen: "outbox" }, "");
  showOutbox();
});

async function begin() {
  navigator.serviceWorker?.register(urls.worker, { scope: urls.page });
  navigator.storage?.persist?.();
  const why = !isSecureContext ? "insecure" : !globalThis.indexedDB && "no_storage";
  if (why) return show(heading(t("title")), h("p", {}, t(why)));
  try {
    ({ pack, missing } = { missing: "", ...(await load()) });
  } catch {
    missing = "none";
  }
  await showList();
  await resume();
  await renew();
  await send();
  document.body.dataset.ready = "yes";
}

begin();

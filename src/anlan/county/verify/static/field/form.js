// One door. Everything begins as it is known; only what is different has to be touched.

import { shrink, whereabouts } from "./photo.js";
import { h, heading, say, t, words } from "./view.js";

const LOSS = "loss_";
const MOST_PHOTOS = 6;

const clone = (value) => JSON.parse(JSON.stringify(value));
const blank = (name) => (words.axes[name] ? true : name.startsWith(LOSS) || !words.details[name]?.choices ? 0 : "");
const says = (finding) => (name) =>
  words.axes[name] ? finding[name] === false : name.startsWith(LOSS) || name in words.details ? Boolean(finding[name]) : false;

// What the form begins with: the finding that stands, or what was reported with what is expected for it.
function beginning(row, before) {
  if (before) return { hit: causesOf(before.finding, before.kinds), ...clone(before) };
  const { outcome: _known, ...finding } = row.base;
  const hit = causesOf(finding, row.kinds);
  const it = { outcome: "", consent: false, again_on: "", why: "", note: "", finding, hit, kinds: [], place: null };
  hit.forEach((cause) => expect(row, it, cause));
  return it;
}

// The causes that were reported, and those of which the finding says something.
function causesOf(finding, kinds) {
  const said = new Set(kinds.map((kind) => words.also[kind] ?? kind));
  return Object.keys(words.causes).filter((cause) => said.has(cause) || words.causes[cause].some(says(finding)));
}

const expect = (row, it, cause) =>
  words.causes[cause].filter((name) => name.startsWith(LOSS)).forEach((name) => (it.finding[name] ||= row.expected[name] ?? 0));

export function form(row, { before, pictures = [], againOn, save, sketch, leave }) {
  const it = beginning(row, before);
  it.again_on ||= againOn;
  const photos = pictures.map((bytes) => ({ bytes, at: new Date().toISOString(), place: null }));
  (before?.photos ?? []).forEach((said, at) => photos[at] && Object.assign(photos[at], said));
  const where = whereabouts().then((place) => (it.place = place ?? it.place));
  const harmed = h("div", { class: "part", hidden: true }, byCause(row, it), numbers(it));
  const absent = h("div", { class: "part", hidden: true }, dated(it));
  const outcome = (value) => {
    it.outcome = value;
    harmed.hidden = value !== "harmed";
    absent.hidden = value !== "absent";
  };
  const submit = (event) => {
    event.preventDefault();
    if (!it.outcome) return say(t("pick_outcome"), "bad");
    return save(told(row, it), photos);
  };
  const element = h(
    "form",
    { class: "door", novalidate: true, onsubmit: submit },
    chips("outcome", t("outcome"), Object.entries(words.outcomes), [it.outcome], "radio", outcome),
    harmed,
    absent,
    h("label", { class: "chip wide" }, h("input", {
      type: "checkbox", checked: it.consent, onchange: (event) => (it.consent = event.target.checked),
    }), t("consent")),
    camera(photos, where, it),
    labelled("note", t("note"), h("textarea", {
      id: "note", rows: 2, maxlength: 300, oninput: (event) => (it.note = event.target.value),
    }, it.note)),
    h("div", { class: "foot" }, h("button", { type: "submit", class: "wide" }, t("save"))),
  );
  if (it.outcome) outcome(it.outcome);
  const changed = () => it.outcome && sketch(told(row, it), photos);
  element.addEventListener("change", changed);
  element.addEventListener("photo", changed);
  const back = h("button", { type: "button", class: "quiet", onclick: leave }, t("back"));
  const soft = [t("group", row.group), t("people", row.size), row.address].filter(Boolean).join(" · ");
  return [back, heading(row.name), h("p", { class: "soft" }, soft), element];
}

function chips(name, title, entries, on, type, change) {
  return h(
    "fieldset",
    {},
    h("legend", {}, title),
    entries.map(([value, text]) =>
      h("label", { class: "chip" }, h("input", {
        type, name, value, checked: on.includes(value), onchange: (event) => change(value, event.target.checked),
      }), text)),
  );
}

const labelled = (id, text, field) => h("p", {}, h("label", { for: id }, text), field);

function number(id, text, value, change) {
  const field = h("input", { type: "number", inputmode: "decimal", step: "any", id, value });
  field.addEventListener("input", () => change(Number.isFinite(field.valueAsNumber) ? field.valueAsNumber : 0));
  return labelled(id, text, field);
}

// One question, as its field is: a switch for an axis that broke, a choice, or a number.
function question(it, name, redraw) {
  const set = (value) => (it.finding[name] = value);
  if (words.axes[name])
    return h("label", { class: "chip" }, h("input", {
      type: "checkbox", value: name, checked: it.finding[name] === false, onchange: (event) => set(!event.target.checked),
    }), t("broken", words.axes[name]));
  const choices = words.details[name]?.choices ?? (name === "home_grade" && grades());
  if (choices)
    return labelled(name, words.details[name]?.title ?? t("grade"), h("select", {
      id: name,
      onchange: (event) => {
        set(event.target.value);
        if (!words.severe.includes(event.target.value)) return;
        it.finding.home_safe = false; // nobody lives safely in what is left of it
        redraw();
      },
    }, Object.entries(choices).map(([value, text]) => h("option", { value, selected: value === it.finding[name] }, text))));
  const title = words.details[name]?.title ?? (name.startsWith(LOSS) ? t("yuan", words.losses[name.slice(LOSS.length)]) : t("rigid"));
  return number(name, title, it.finding[name] || "", set);
}

const grades = () => ({ "": t("no_grade"), ...Object.fromEntries(words.grades.map((each) => [each, each])) });

// What was touched, and under each of it the questions that belong to it and no others.
function byCause(row, it) {
  const asked = h("div", { class: "asked" });
  const draw = () =>
    asked.replaceChildren(...Object.keys(words.causes).filter((cause) => it.hit.includes(cause)).map((cause) =>
      h("fieldset", { class: "cause" }, h("legend", {}, words.kinds[cause]), words.causes[cause].map((name) => question(it, name, draw)))));
  const change = (cause, on) => {
    it.hit = it.hit.filter((each) => each !== cause);
    const fields = words.causes[cause].filter((name) => name !== "rigid_per_head_yuan" && name !== "home_grade");
    if (on) {
      it.hit.push(cause);
      expect(row, it, cause);
      if (fields.length === 1 && words.axes[fields[0]]) it.finding[fields[0]] = false; // the only question there is
    } else {
      fields.forEach((name) => (it.finding[name] = blank(name)));
    }
    draw();
  };
  draw();
  const entries = Object.keys(words.causes).map((cause) => [cause, words.kinds[cause]]);
  return [chips("causes", t("what_hit"), entries, it.hit, "checkbox", change), asked];
}

function numbers(it) {
  const sum = (yuan) => (it.finding.income_per_head_yuan = yuan);
  return h("details", {}, h("summary", {}, t("numbers")), number("income", t("income"), it.finding.income_per_head_yuan, sum));
}

function dated(it) {
  const change = (event) => (it.again_on = event.target.value);
  const why = chips("why", t("absence"), Object.entries(words.absences), [it.why ?? ""], "radio", (value) => (it.why = value));
  return [why, labelled("again", t("again_on"), h("input", { type: "date", id: "again", value: it.again_on, onchange: change }))];
}

function camera(photos, where, it) {
  const shown = h("div", { class: "photos" });
  const draw = () => {
    shown.replaceChildren(...photos.map((each, at) => {
      const url = URL.createObjectURL(new Blob([each.bytes], { type: "image/jpeg" }));
      const drop = () => {
        photos.splice(at, 1);
        draw();
      };
      return h("span", { class: "photo" },
        h("img", { src: url, alt: t("photos", at + 1), onload: () => URL.revokeObjectURL(url) }),
        h("button", { type: "button", class: "quiet", "aria-label": t("remove_photo", at + 1), onclick: drop }, "×"));
    }));
  };
  const take = async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    if (photos.length >= MOST_PHOTOS) return void say(t("too_many_photos", MOST_PHOTOS), "bad");
    try {
      const each = { bytes: await shrink(file), at: new Date().toISOString(), place: it.place };
      photos.push(each);
      where.then(() => (each.place ??= it.place));
      draw();
      shown.dispatchEvent(new Event("photo", { bubbles: true }));
    } catch {
      say(t("bad_photo"), "bad");
    }
  };
  draw();
  return [
    h("label", { class: "chip wide camera" }, h("input", {
      type: "file", accept: "image/*", capture: "environment", id: "camera", class: "hidden", onchange: take,
    }), t("photo")),
    shown,
  ];
}

function told(row, it) {
  const harmed = it.outcome === "harmed";
  return {
    household: row.code, outcome: it.outcome, consent: it.consent, note: it.note.trim(), place: it.place,
    kinds: harmed ? it.hit : [], again_on: it.outcome === "absent" ? it.again_on : null,
    why: it.outcome === "absent" ? it.why : "", finding: harmed ? it.finding : null, base: row.base,
  };
}

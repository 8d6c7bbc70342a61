// One door. Everything begins as it is known; only what is different has to be touched.

import { shrink, whereabouts } from "./photo.js";
import { h, heading, say, t, words } from "./view.js";

const LOSS = "loss_";
const MOST_PHOTOS = 6;
// What an axis that broke is called in a report.
const KIND_OF = {
  food_secured: "food", clothing_secured: "clothing", schooling_secured: "schooling", medical_secured: "medical",
  home_safe: "home", water_safe: "water",
};

const clone = (value) => JSON.parse(JSON.stringify(value));

// What the form begins with: the finding that stands, or what was reported with what is expected for it.
function beginning(row, before) {
  if (before) return clone(before);
  const { outcome: _known, ...finding } = row.base;
  const hit = new Set(Object.keys(finding).filter((name) => name.startsWith(LOSS) && finding[name] > 0));
  for (const kind of row.kinds) if (kind in words.losses) hit.add(LOSS + kind);
  for (const name of hit) finding[name] ||= row.expected[name] ?? 0;
  return { outcome: "", consent: false, again_on: "", note: "", finding, hit: [...hit], kinds: [], place: null };
}

export function form(row, { before, pictures = [], againOn, save, sketch, leave }) {
  const it = beginning(row, before);
  it.again_on ||= againOn;
  const photos = pictures.map((bytes) => ({ bytes, at: new Date().toISOString(), place: null }));
  (before?.photos ?? []).forEach((said, at) => photos[at] && Object.assign(photos[at], said));
  const where = whereabouts().then((place) => (it.place = place ?? it.place));
  const harmed = h("div", { class: "part", hidden: true }, losses(row, it), axes(it), numbers(it));
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

function losses(row, it) {
  const sums = h("div", { class: "sums" });
  const draw = () =>
    sums.replaceChildren(...it.hit.map((name) =>
      number(name, t("yuan", words.losses[name.slice(LOSS.length)]), it.finding[name], (sum) => (it.finding[name] = sum))));
  const change = (name, on) => {
    it.hit = it.hit.filter((each) => each !== name);
    if (on) it.hit.push(name);
    it.finding[name] = on ? it.finding[name] || row.expected[name] || 0 : 0;
    draw();
  };
  draw();
  const entries = Object.entries(words.losses).map(([kind, text]) => [LOSS + kind, text]);
  return [chips("losses", t("what_hit"), entries, it.hit, "checkbox", change), sums];
}

function axes(it) {
  const broken = Object.keys(words.axes).filter((axis) => !it.finding[axis]);
  const change = (axis, on) => (it.finding[axis] = !on);
  const entries = Object.keys(words.axes).map((axis) => [axis, words.kinds[KIND_OF[axis]]]);
  return chips("axes", t("what_broken"), entries, broken, "checkbox", change);
}

function numbers(it) {
  const grade = h("select", { id: "grade", onchange: (event) => (it.finding.home_grade = event.target.value) },
    h("option", { value: "" }, t("no_grade")),
    words.grades.map((each) => h("option", { value: each, selected: each === it.finding.home_grade }, each)));
  const sum = (name) => (yuan) => (it.finding[name] = yuan);
  return h(
    "details",
    {},
    h("summary", {}, t("numbers")),
    number("income", t("income"), it.finding.income_per_head_yuan, sum("income_per_head_yuan")),
    number("rigid", t("rigid"), it.finding.rigid_per_head_yuan, sum("rigid_per_head_yuan")),
    labelled("grade", t("grade"), grade),
  );
}

function dated(it) {
  const change = (event) => (it.again_on = event.target.value);
  return labelled("again", t("again_on"), h("input", { type: "date", id: "again", value: it.again_on, onchange: change }));
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
  const kinds = it.outcome === "harmed" ? it.hit.map((name) => name.slice(LOSS.length)) : [];
  if (it.outcome === "harmed")
    for (const [axis, kind] of Object.entries(KIND_OF)) if (!it.finding[axis] && !kinds.includes(kind)) kinds.push(kind);
  return {
    household: row.code, outcome: it.outcome, consent: it.consent, note: it.note.trim(), place: it.place, kinds,
    again_on: it.outcome === "absent" ? it.again_on : null, finding: it.outcome === "harmed" ? it.finding : null,
    base: row.base,
  };
}


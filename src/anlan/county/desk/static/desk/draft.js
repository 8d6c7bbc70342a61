// What somebody typed into a form marked data-draft stays on the phone until the report has arrived.
"use strict";

const DRAFT_DAYS = 7;
const SKIPPED = new Set(["file", "submit", "button", "password"]);

function draftName(name) {
  return `anlan-draft-${name}`;
}

function fieldsOf(form) {
  return [...form.elements].filter(
    (each) => each.name && each.name !== "csrfmiddlewaretoken" && !SKIPPED.has(each.type),
  );
}

function keepDraft(form) {
  const said = fieldsOf(form)
    .filter((each) => !["checkbox", "radio"].includes(each.type) || each.checked)
    .map((each) => [each.name, each.value]);
  try {
    localStorage.setItem(draftName(form.dataset.draft), JSON.stringify({ at: Date.now(), said }));
  } catch {
    // Storage that is full or forbidden keeps no draft; the form works all the same.
  }
}

function bringBack(form) {
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(draftName(form.dataset.draft)));
  } catch {
    return;
  }
  if (!kept || Date.now() - kept.at > DRAFT_DAYS * 86400000) return;
  for (const field of fieldsOf(form)) {
    const values = kept.said.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
    else if (values.length) field.value = values[0]; // the receipt number, too: sent again it is the same report
  }
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  if (!form.querySelector(".errors")) bringBack(form); // a form that came back holds what was typed
  form.addEventListener("input", () => keepDraft(form));
  form.addEventListener("change", () => keepDraft(form));
}

for (const done of document.querySelectorAll("[data-draft-done]")) {
  try {
    localStorage.removeItem(draftName(done.dataset.draftDone));
  } catch {
    // Nothing was kept.
  }
}

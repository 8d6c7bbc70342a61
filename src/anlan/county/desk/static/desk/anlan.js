// Small conveniences on top of pages that work without them.
"use strict";

const AGAIN_MS = 8000;

// A form is sent once: a second press while the first is on its way would do the deed twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (form.dataset.sent || (question && !window.confirm(question))) {
    event.preventDefault();
    return;
  }
  if (form.getAttribute("method")?.toLowerCase() !== "post" || form.hasAttribute("hx-post")) return;
  form.dataset.sent = "1";
  window.setTimeout(() => delete form.dataset.sent, AGAIN_MS); // the answer may be a file, and the page stays
});

// Whoever goes out takes the households off this phone (verify/static/field); what was not sent stays until it is.
async function forgetHouseholds() {
  const known = (await indexedDB.databases?.()) ?? [];
  if (!known.some(({ name }) => name === "anlan-field")) return;
  const database = await new Promise((resolve, reject) => {
    const asked = indexedDB.open("anlan-field");
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  await new Promise((resolve) => {
    const deed = database.transaction(["pack", "done", "outbox", "keys"], "readwrite");
    for (const name of ["pack", "done"]) deed.objectStore(name).clear();
    const count = deed.objectStore("outbox").count();
    count.onsuccess = () => count.result || deed.objectStore("keys").clear();
    deed.oncomplete = deed.onabort = resolve;
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-forget]")) return;
  event.preventDefault();
  await forgetHouseholds().catch(() => {});
  form.submit(); // asks nobody again
});

// Coming back by the browser's own button, the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A select or a box marked data-submit sends its form when it changes; data-all ticks every box of that name.
document.addEventListener("change", (event) => {
  const control = event.target;
  if (control.matches("[data-submit]")) control.form.requestSubmit();
  if (control.matches("[data-all]")) {
    const boxes = control.closest("form").querySelectorAll(`input[type=checkbox][name="${control.dataset.all}"]`);
    for (const box of boxes) box.checked = control.checked;
  }
});

// A menu that was opened by a press closes when the next press is elsewhere.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.who[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

// On a phone the menu is wider than the screen: bring the room one is in into view.
document.querySelector(".menu__link[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// A button or link marked data-key is pressed by that key, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select, textarea")) return;
  document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
});

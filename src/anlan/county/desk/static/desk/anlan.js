// Small conveniences on top of pages that work without them.
"use strict";

// A form is sent once: a second press while the first is on its way would do the deed twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (form.dataset.sent || (question && !window.confirm(question))) {
    event.preventDefault();
    return;
  }
  if (form.method === "post" && !form.hasAttribute("hx-post")) form.dataset.sent = "1";
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

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

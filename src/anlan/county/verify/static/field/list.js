// Whom to visit, the most at risk first, and who has been seen to already.

import { badge, h, heading, t, words } from "./view.js";

const PAGE = 50;

// `unsent` and `sent` are sets of household codes of this event.
export function list(pack, event, state, choose) {
  const shown = h("div", {});
  const find = h("input", { type: "search", id: "find", autocomplete: "off", value: state.words ?? "" });
  const draw = () => shown.replaceChildren(...parts(pack, event, state, choose, draw));
  find.addEventListener("input", () => {
    state.words = find.value;
    state.most = PAGE;
    draw();
  });
  draw();
  state.draw = draw; // what comes in and goes out changes the rows, and leaves the search alone
  return [heading(t("title")), events(pack, event, state), h("label", { for: "find" }, t("search")), find, shown];
}

function events(pack, event, state) {
  if (pack.events.length < 2) return h("p", { class: "soft" }, event?.title ?? "");
  const change = (changed) => state.pick(changed.target.value);
  const options = pack.events.map((each) => h("option", { value: each.code, selected: each === event }, each.title));
  return [h("label", { for: "event" }, t("event")), h("select", { id: "event", onchange: change }, options)];
}

const wanted = (row, text) =>
  !text || row.name.includes(text) || row.code.endsWith(text) || String(row.group) === text || row.address.includes(text);

function parts(pack, event, state, choose, draw) {
  const rows = (event?.rows ?? []).filter((row) => wanted(row, (state.words ?? "").trim()));
  const over = (row) => (row.base.outcome && !row.second && !row.objected) || row.released || state.unsent.has(row.code) || state.sent.has(row.code);
  const left = rows.filter((row) => !over(row));
  const done = rows.filter(over);
  const most = state.most ?? PAGE;
  const item = (row) => line(pack, row, state, choose);
  const further = () => {
    state.most = most + PAGE;
    draw();
  };
  return [
    h("h2", {}, t("to_visit", left.length)),
    rows.length ? h("ol", { class: "rows" }, left.slice(0, most).map(item)) : h("p", {}, t("nobody")),
    left.length > most && h("button", { type: "button", class: "wide quiet", onclick: further }, t("further")),
    done.length > 0 && h("h2", {}, t("done", done.length)),
    done.length > 0 && h("ul", { class: "rows" }, done.slice(0, most).map(item)),
  ].filter(Boolean);
}

function line(pack, row, state, choose) {
  const village = Object.keys(pack.villages).length > 1 ? pack.villages[row.village] : "";
  const soft = [village, t("group", row.group), t("people", row.size), row.address].filter(Boolean).join(" · ");
  const marks = [
    state.unsent.has(row.code) && badge(t("waiting"), "warn"),
    !state.unsent.has(row.code) && state.sent.has(row.code) && badge(t("sent"), "ok"),
    row.green && badge(t("urgent"), "warn"),
    row.second && badge(t("second"), "warn"),
    row.objected && badge(t("objected"), "bad"),
    row.key && badge(t("key_group")),
    row.lead === "open" && badge(t("reported")),
    row.again_on && !row.base.outcome && badge(t("again", row.again_on)),
    row.base.outcome && badge(words.known[row.base.outcome] ?? row.base.outcome, "ok"),
    row.released && badge(t("released")),
  ];
  return h(
    "li",
    {},
    h("button", { type: "button", class: "row", onclick: () => choose(row), "data-code": row.code },
      h("span", { class: "row__name" }, row.name), " ", marks, h("span", { class: "soft row__more" }, soft)),
  );
}

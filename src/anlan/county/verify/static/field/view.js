// Making elements, and the words that the page brought along in the reader's language.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
export const words = read("words");
export const urls = read("urls");
export const $ = (id) => document.getElementById(id);

export const t = (key, n = "") => String(words[key]).replace("{n}", n).replace("{at}", n);

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flat(9).filter((each) => each || each === 0));
  return element;
}

export const badge = (text, kind = "") => h("span", { class: `badge ${kind}` }, text);
export const heading = (text) => h("h1", { tabindex: "-1" }, text);
export const clockTime = (when) =>
  new Date(when).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });

let hush;
export function say(text, kind = "") {
  const place = $("said");
  place.textContent = text;
  place.className = `said ${kind}`;
  clearTimeout(hush);
  hush = setTimeout(() => (place.textContent = ""), 8000);
}

// A screen takes the place of the one before it, and the reader is put at its beginning.
export function show(...content) {
  const main = $("main");
  main.replaceChildren(...content.flat(9).filter(Boolean));
  window.scrollTo(0, 0);
  main.querySelector("h1")?.focus({ preventScroll: true });
}

// The last resort: a record as a line of text, for a text message. `verify/field/copies.py` reads it.

const HEAD = "AL1";
const fields = (values, names) => (values ? names.map((name) => values[name]) : null);

export function copyOf(record) {
  const names = Object.keys(record.base).filter((name) => name !== "outcome");
  const order = ORDER.filter((name) => names.includes(name));
  const values = [
    record.uuid, record.event, record.household, record.at, record.outcome, record.consent, record.again_on,
    record.kinds, fields(record.finding, order), [record.base.outcome, fields(record.base, order)], record.note, record.why ?? "",
  ];
  const bytes = new TextEncoder().encode(JSON.stringify(values));
  const body = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  let sum = 0;
  for (let at = 0; at < body.length; at += 1) sum += (at + 1) * body.charCodeAt(at);
  return `${HEAD} ${body} ${sum % 9973}`;
}

// As `FIELDS` in `verify/field/merging.py`; a test holds the two together.
export const ORDER = [
  "income_per_head_yuan", "rigid_per_head_yuan", "home_grade", "food_secured", "clothing_secured",
  "schooling_secured", "medical_secured", "home_safe", "water_safe", "loss_crop", "loss_livestock", "loss_equipment",
  "loss_home", "loss_work", "loss_other", "home_damage", "crop_mu", "crop_lost_mu", "livestock_heads", "work_people",
  "work_months", "water_days", "schooling_children",
];

// Refusals in the words of the package (code/initlab/_checks.py): what was wrong, what came, what is
// allowed. A test gives the same bad input to both languages and compares the sentences.

const quote = (text) => {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  return mark + text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
    .replaceAll(mark, `\\${mark}`) + mark;
};

const float = (value) => {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Number.isSafeInteger(value)) return String(value);
  const [digits, power] = value.toExponential().split("e");
  // Python turns to powers of ten below 1e-4 and from 1e16 on, and writes two digits of them.
  if (power < -4 || power >= 16) {
    return `${digits}e${power[0]}${power.slice(1).padStart(2, "0")}`;
  }
  const [whole, part = ""] = digits.replace(/^-/, "").split(".");
  const all = (whole + part).padEnd(Number(power) + 1, "0");
  const sign = value < 0 ? "-" : "";
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${all}`;
  const point = Number(power) + 1;
  return `${sign}${all.slice(0, point)}.${all.slice(point) || "0"}`;
};

/** How Python writes a value. JavaScript has one kind of number, so 2.0 is written as 2. */
export function repr(value) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return float(value);
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value).map(([key, inner]) => `${repr(key)}: ${repr(inner)}`);
    return `{${entries.join(", ")}}`;
  }
  return String(value);
}

/** `registry[name]`, or an error with the names there are. */
export function choose(registry, name, what) {
  if (typeof name === "string" && Object.hasOwn(registry, name)) return registry[name];
  const allowed = Object.keys(registry).map(repr).join(", ");
  throw new RangeError(`unknown ${what}: got ${repr(name)}, allowed are ${allowed}`);
}

const WORDS = { atLeast: "at least", above: "above", below: "below", atMost: "at most" };

const phrases = (limits) =>
  Object.keys(WORDS).filter((key) => key in limits).map((key) => `${WORDS[key]} ${limits[key]}`);

const outside = (value, { atLeast, above, below, atMost }) =>
  value < atLeast || value <= above || value >= below || value > atMost;

/** `value` if it is a finite number within the limits. */
export function number(value, what, limits = {}) {
  if (typeof value === "number" && Number.isFinite(value) && !outside(value, limits)) return value;
  const allowed = ["a finite number", ...phrases(limits)].join(" and ");
  throw new RangeError(`${what} must be ${allowed}, got ${repr(value)}`);
}

/** `value` if it is a whole number within the limits; `atLeast` is 1 unless given. */
export function whole(value, what, limits = {}) {
  const asked = { atLeast: 1, ...limits };
  if (Number.isSafeInteger(value) && !outside(value, asked)) return value;
  const allowed = phrases(asked).join(" and ");
  throw new RangeError(`${what} must be a whole number of ${allowed}, got ${repr(value)}`);
}

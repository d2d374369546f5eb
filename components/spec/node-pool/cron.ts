/** A field of a schedule: its numbers, and words for them. */
interface Field {
  name: string;
  least: number;
  most: number;
  words?: readonly string[];
}

/** Fields of a schedule, as Karpenter reads them; with one that does not suit it disrupts no node at all. */
const FIELDS: readonly Field[] = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  { name: "day of the month", least: 1, most: 31 },
  {
    name: "month",
    least: 1,
    most: 12,
    words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { name: "day of the week", least: 0, most: 6, words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

/**
 * Finds what is wrong in a schedule whose form is right.
 *
 * @returns The field, its text and the numbers that it may have; undefined for a right schedule.
 */
export function wrongField(schedule: string): { name: string; text: string; allowed: string } | undefined {
  if (schedule.startsWith("@")) return undefined;
  const texts = schedule.split(" ");
  const index = FIELDS.findIndex((field, at) => !(texts[at] ?? "").split(",").every((part) => isPart(part, field)));
  const field = FIELDS[index];
  if (field === undefined) return undefined;
  const words = field.words === undefined ? "" : ` or \`${field.words[0]}\` to \`${field.words.at(-1)}\``;
  return { name: field.name, text: texts[index] ?? "", allowed: `${field.least} to ${field.most}${words}` };
}

/** Most days that a month has. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Whether no month of a schedule has any of its days, as in `0 0 30 2 *`. A day of the week beside a day of the month is another time at which it
 * comes, unless it is any day.
 *
 * @param schedule One whose fields are right.
 */
export function neverComes(schedule: string): boolean {
  const [, , day = "*", month = "*", weekday = "*"] = schedule.split(" ");
  const [, , days, months] = FIELDS;
  if (days === undefined || months === undefined || !weekday.split(",").some(isAny)) return false;
  const earliest = Math.min(...day.split(",").map((part) => partOf(part, days)?.first ?? days.least));
  return month
    .split(",")
    .every((part) => numbersOf(part, months).every((number) => earliest > (DAYS[number - 1] ?? 0)));
}

/** Whether a part stands for every value: with a larger step it does not. */
const isAny = (part: string): boolean => part === "*" || part === "*/1";

/** One part between commas: all, a number or a range, each with a step or without. */
function isPart(part: string, field: Field): boolean {
  const { first, last, step } = partOf(part, field) ?? { first: NaN, last: NaN, step: NaN };
  return step > 0 && first >= field.least && last <= field.most && first <= last;
}

/** Numbers of a part. */
function numbersOf(part: string, field: Field): number[] {
  const { first, last, step } = partOf(part, field) ?? { first: 1, last: 0, step: 1 };
  const numbers: number[] = [];
  for (let number = first; number <= last; number += step) numbers.push(number);
  return numbers;
}

/** The first and the last number of a part, and the step between its numbers; `NaN` for what is no number. A number with a step goes on to the end. */
function partOf(part: string, field: Field): { first: number; last: number; step: number } | undefined {
  const [, range, step] = /^([^/]+)(?:\/([0-9]+))?$/.exec(part) ?? [];
  if (range === undefined) return undefined;
  const every = Number(step ?? 1);
  if (range === "*") return { first: field.least, last: field.most, step: every };
  const numbers = range.split("-").map((text) => numberOf(text, field));
  const [first = NaN, last = step === undefined ? first : field.most] = numbers;
  return numbers.length > 2 ? undefined : { first, last, step: every };
}

function numberOf(text: string, { least, words = [] }: Field): number {
  const word = words.indexOf(text.toLowerCase());
  return word >= 0 ? word + least : /^[0-9]+$/.test(text) ? Number(text) : NaN;
}

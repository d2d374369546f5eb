/** Fields of a schedule, as Karpenter reads them; with one that does not suit it disrupts no node at all. */
const FIELDS: readonly { name: string; least: number; most: number; words?: readonly string[] }[] = [
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

/** One part between commas: all, a number or a range, each with a step or without. */
function isPart(part: string, { least, most, words = [] }: (typeof FIELDS)[number]): boolean {
  const [, range = "", step] = /^([^/]+)(?:\/([0-9]+))?$/.exec(part) ?? [];
  if (range === "" || step === "0") return false;
  if (range === "*") return true;
  const numbers = range.split("-").map((text) => {
    const word = words.indexOf(text.toLowerCase());
    return word >= 0 ? word + least : /^[0-9]+$/.test(text) ? Number(text) : NaN;
  });
  const [first = NaN, last = first] = numbers;
  return numbers.length <= 2 && first >= least && last <= most && first <= last;
}

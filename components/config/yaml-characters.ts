/** A character that people do not see, or take for another one. */
export interface OddCharacter {
  /** Its offset in the text, in UTF-16 units. */
  index: number;
  /** What it is, for example `a no-break space (U+00A0)`. */
  name: string;
  /** What to do with it, for example "write a common space instead". */
  fix: string;
}

/** Names of what is copied along from word processors, chats and web pages. */
const names: Record<string, string> = {
  "\t": "a tab",
  "\u00a0": "a no-break space",
  "\u00ad": "a soft hyphen",
  "\u200b": "a zero-width space",
  "\u200c": "a zero-width non-joiner",
  "\u200d": "a zero-width joiner",
  "\u200e": "a left-to-right mark",
  "\u200f": "a right-to-left mark",
  "\u202f": "a narrow no-break space",
  "\u2060": "a word joiner",
  "\u3000": "an ideographic space",
  "\ufeff": "a byte order mark",
};

const space = /[\p{Zs}\t]/u;
/** Characters of format and fillers: nothing is printed for them. */
const invisible = /[\p{Cf}\u034f\u115f\u1160\u2800\u3164\uffa0]/u;
const unseen = /[\p{Cf}\u034f\u115f\u1160\u2800\u3164\uffa0]|(?! )\p{Zs}/u;
const control = /(?![\r\n])\p{Cc}/u;

/** Characters that look like those of YAML's syntax, by the one that they look like. */
const lookalikes: Record<string, string> = {
  ":": "\u02d0\u0589\u05c3\u2236\ua789\ufe13\ufe55",
  '"': "\u00ab\u00bb\u201c\u201d\u201e\u201f\u2033\u2036\u300c\u300d",
  "'": "\u00b4\u2018\u2019\u201a\u201b\u2032\u2035\u2039\u203a",
  "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63",
  ",": "\u060c\u201a\u3001\ufe50",
  ".": "\u2024\u3002\ufe52",
};

/** The common character that one looks like. Full-width forms stand in one block, in the order of ASCII. */
function lookalikeOf(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCodePoint(code - 0xfee0);
  return Object.keys(lookalikes).find((common) => lookalikes[common]?.includes(character));
}

/** The first character of a text that nobody sees: a space that is not the common one, or one without width. */
export function unseenCharacter(text: string): OddCharacter | undefined {
  const index = text.search(unseen);
  return index < 0 ? undefined : describe(text, index);
}

/** The first character that explains why a text is not what it seems to be: unseen ones, tabs and lookalikes. */
export function oddCharacter(text: string): OddCharacter | undefined {
  return (
    unseenCharacter(text) ??
    firstOf(text, (character) => space.test(character) && character !== " ") ??
    firstOf(text, (character) => lookalikeOf(character) !== undefined) ??
    firstOf(text, (character) => control.test(character))
  );
}

/** The first character that is not of ASCII, for texts that may have no other. */
export function foreignCharacter(text: string): OddCharacter | undefined {
  return oddCharacter(text) ?? firstOf(text, (character) => character > "\u007f");
}

/** A text with the common characters in place of odd ones, and without quotes around that are no quotes to YAML. */
export function mendCharacters(text: string): string {
  const common = [...text].map((character) => {
    if (space.test(character)) return " ";
    if (invisible.test(character)) return "";
    return lookalikeOf(character) ?? character;
  });
  return common
    .join("")
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2");
}

function firstOf(text: string, isWanted: (character: string) => boolean): OddCharacter | undefined {
  let index = 0;
  for (const character of text) {
    if (isWanted(character)) return describe(text, index);
    index += character.length;
  }
  return undefined;
}

function describe(text: string, index: number): OddCharacter {
  const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  const common = lookalikeOf(character);
  if (space.test(character)) {
    return {
      index,
      name: `${names[character] ?? "a space of another width"} (${code})`,
      fix: "write a common space instead",
    };
  }
  if (invisible.test(character) || control.test(character)) {
    return { index, name: `${names[character] ?? "an invisible character"} (${code})`, fix: "remove it" };
  }
  const name = `\`${character}\` (${code})`;
  return common === undefined
    ? { index, name, fix: "write a common letter, digit or sign instead" }
    : { index, name: `${name}, which looks like \`${common}\``, fix: `write \`${common}\` instead` };
}

/** Which of a request's headers go upstream: a short list, without credentials, cookies and forwarding headers. */
import type { Extension } from "./envoy";
import { extension, HEADERS_FILTER } from "./envoy";

/** Without x-forwarded-proto Envoy's router would not know the scheme; the route removes it at the very end. */
const PASSED = [
  ":method",
  ":path",
  ":authority",
  ":scheme",
  "content-type",
  "content-length",
  "transfer-encoding",
  "accept",
  "x-request-id",
  "x-forwarded-proto",
];

/**
 * Regular expression for whole strings, in which a point is any character. It matches every string but the given ones:
 * Envoy removes the headers that match, and has no way to say which ones to keep.
 *
 * @param words The strings that do not match.
 */
export function everythingBut(words: string[]): string {
  const tails = new Map<string, string[]>();
  for (const word of words.filter((text) => text !== "")) {
    const letter = word.charAt(0);
    tails.set(letter, [...(tails.get(letter) ?? []), word.slice(1)]);
  }
  const longer = [...tails].map(([letter, rest]) => escaped(letter) + everythingBut(rest));
  const others = tails.size === 0 ? ".+" : `[^${[...tails.keys()].map(escaped).join("")}].*`;
  return `(?:${[...(words.includes("") ? [] : [""]), others, ...longer].join("|")})`;
}

const escaped = (letter: string): string => (/[a-z0-9]/.test(letter) ? letter : `\\${letter}`);

/** The filter that removes every other header from a request. */
export function headersFilter(): Extension {
  return extension(HEADERS_FILTER, "extensions.filters.http.header_mutation.v3.HeaderMutation", {
    mutations: {
      request_mutations: [
        { remove_on_match: { key_matcher: { safe_regex: { regex: `(?s)${everythingBut(PASSED)}` } } } },
      ],
    },
  });
}

/** Texts in the form of a Secret's `data`: base64 of their UTF-8 bytes. */
export function secretData(texts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, Buffer.from(text, "utf8").toString("base64")]),
  );
}

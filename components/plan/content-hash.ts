import { createHash } from "node:crypto";

/** Enough that two contents of one object never share a name. */
const NAME_DIGITS = 10;

/** SHA-256 of a content, in hexadecimal digits. */
export function sha256Of(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The part of a name that stands for an object's content: another content is another object, and new pods. */
export function contentHash(content: string | Buffer): string {
  return sha256Of(content).slice(0, NAME_DIGITS);
}

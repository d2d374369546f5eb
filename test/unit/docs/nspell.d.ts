/** The spelling checker has no types of its own; this is what is used of it. */
declare module "nspell" {
  export default function nspell(dictionary: { aff: Uint8Array; dic: Uint8Array }): { correct(word: string): boolean };
}

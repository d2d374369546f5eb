import { memoryOfProfile, MIG_PROFILES } from "./mig";

/** Cards in servers and clouds, by their memory in GiB. Source: NVIDIA's data sheets. */
const CARDS: readonly (readonly [memoryGiB: number, name: string])[] = [
  [16, "T4"],
  [24, "L4 or A10G"],
  [40, "A100 with 40 GB"],
  [48, "L40S"],
  [80, "A100 with 80 GB or H100"],
  [141, "H200"],
  [180, "B200"],
];

/** Most memory in GiB of the cards that clouds call so. Source: NVIDIA's data sheets. */
const MEMORY_BY_NAME: Readonly<Record<string, number>> = {
  k80: 12,
  m60: 8,
  p4: 8,
  p100: 16,
  v100: 32,
  t4: 16,
  t4g: 16,
  a10: 24,
  a10g: 24,
  a30: 24,
  a40: 48,
  a100: 80,
  l4: 24,
  l40: 48,
  l40s: 48,
  h100: 94,
  h200: 141,
};

/**
 * Most memory in GiB that a card of a product's name has: 24 for `l4`, 80 for `nvidia-a100-80gb`.
 *
 * @returns Undefined for a name that is not known.
 */
export function memoryOfProduct(product: string): number | undefined {
  const words = product.toLowerCase().split(/[^a-z0-9]+/);
  const said = words.flatMap((word) => /^([0-9]+)gb$/.exec(word)?.[1] ?? []);
  if (said[0] !== undefined) return Number(said[0]);
  return words.map((word) => MEMORY_BY_NAME[word]).find((memory) => memory !== undefined);
}

/**
 * Names the smallest card with so much memory, for refusals.
 *
 * @returns For example `a GPU of 48 GiB or more, such as L40S`; without example when no card has so much.
 */
export function smallestCard(memoryGiB: number): string {
  const card = CARDS.find(([memory]) => memory >= memoryGiB);
  return card === undefined
    ? `GPUs of ${memoryGiB} GiB together`
    : `a GPU of ${card[0]} GiB or more, such as ${card[1]}`;
}

/**
 * Names the smallest MIG profile with so much memory, for refusals.
 *
 * @returns For example `a slice such as 3g.40gb`; a whole card when no slice has so much.
 */
export function smallestSlice(memoryGiB: number): string {
  const fitting = MIG_PROFILES.map((name) => ({ name, memory: memoryOfProfile(name) ?? 0 }))
    .filter(({ memory }) => memory >= memoryGiB)
    .sort((a, b) => a.memory - b.memory);
  return fitting[0] === undefined ? smallestCard(memoryGiB) : `a slice such as ${fitting[0].name}`;
}

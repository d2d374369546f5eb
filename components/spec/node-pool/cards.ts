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

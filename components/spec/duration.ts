const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600 };

/** Seconds of a duration such as `1h30m` whose form is known to be right. */
export function parseSeconds(duration: string): number {
  return [...duration.matchAll(/([0-9]+)([smh])/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (SECONDS[unit ?? "s"] ?? 1),
    0,
  );
}

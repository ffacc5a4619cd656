/** What generators choose by. */

/** Source of randomness; fast-check's is one. */
export interface Random {
  nextInt(min: number, max: number): number;
}

export interface Choose {
  chance(percent: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** 0 to `max`. */
  upTo(max: number): number;
  times<T>(count: number, make: (index: number) => T): T[];
}

export function chooseBy(random: Random): Choose {
  return {
    chance: (percent) => random.nextInt(1, 100) <= percent,
    pick: (from) => from[random.nextInt(0, from.length - 1)]!,
    upTo: (max) => random.nextInt(0, max),
    times: (count, make) => Array.from({ length: count }, (_, index) => make(index)),
  };
}

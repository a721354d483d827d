/** Two integers from 0 up below this are one that a double holds exactly: 2^26 × 2^26 = 2^52 < 2^53. */
export const PAIR_LIMIT = 2 ** 26

/** One number for each pair of numbers below the limit, so that pairs are found as fast as numbers. */
export const numberPair = (a: number, b: number): number => a * PAIR_LIMIT + b

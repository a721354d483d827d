const NUMBER = /^\d+$/

/** Versions are numbers that rise (Kubernetes 1.35, "Resource versions"); of anything else nothing is said. */
export function isOlder(version: string, than: string): boolean {
  return NUMBER.test(version) && NUMBER.test(than) && BigInt(version) < BigInt(than)
}

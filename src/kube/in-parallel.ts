/** Runs for each item, so many at once, in order of their beginning, until `run` says stop. */
export async function inParallel<T>(
  items: Iterable<T>,
  limit: number,
  run: (item: T) => Promise<'Continue' | 'Stop'>,
): Promise<void> {
  const queue = items[Symbol.iterator]()
  let isStopped = false
  const work = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true && !isStopped; next = queue.next()) {
      if ((await run(next.value)) === 'Stop') isStopped = true
    }
  }
  await Promise.all(Array.from({ length: limit }, work))
}

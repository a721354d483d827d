import type { Executor } from '../../../src/firewall/nft/executor.ts'

/** The real executor, of which some is done otherwise. */
export const delegate = (real: Executor, otherwise: Partial<Executor>): Executor => ({
  has: (netns) => real.has(netns),
  identity: (netns) => real.identity(netns),
  attend: (...words) => real.attend(...words),
  follow: (...words) => real.follow(...words),
  run: (...words) => real.run(...words),
  prepare: (...words) => {
    real.prepare(...words)
  },
  release: (...words) => {
    real.release(...words)
  },
  ...otherwise,
})

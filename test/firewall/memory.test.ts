import { expect, test } from 'vitest'
import { memoryFirewall } from '../../src/firewall/memory.ts'
import { describeFirewall } from '../contract/firewalls.ts'
import { NO_CHANGE, rulesetOf } from '../contract/rulesets.ts'

describeFirewall('memoryFirewall', () => {
  const firewall = memoryFirewall()
  return Promise.resolve({
    open: () => firewall,
    counts: false,
    failNext: () => {
      firewall.failNext('the kernel refused the transaction')
    },
    remove: () => Promise.resolve(),
  })
})

test('a failure that was asked for happens once and in the words given', async () => {
  const firewall = memoryFirewall()
  firewall.failNext('the kernel refused the transaction')
  await expect(firewall.apply(NO_CHANGE)).rejects.toThrow('the kernel refused the transaction')
  await expect(firewall.apply(NO_CHANGE)).resolves.toBeUndefined()
})

test('what somebody else programs is read', async () => {
  const firewall = memoryFirewall()
  firewall.tamper(rulesetOf(2))
  expect(await firewall.read()).toEqual(rulesetOf(2))
})

import { describe, expect, test } from 'vitest'
import type { Plan } from '../../../src/controller/plan.ts'
import { planMarkdown, type ReviewedPlan } from '../../../src/cli/output/plan-markdown.ts'
import type { VpcConnections } from '../../../src/policy/reachability/snapshot.ts'

const NOTHING: Plan = { objects: [], instances: [], remotes: [] }
const CHANGE: Plan = {
  ...NOTHING,
  objects: [{ action: 'Change', key: 'SecurityGroup/default/web', fields: ['spec.ingress'] }],
}
const SHOP: VpcConnections = {
  vpc: 'VPC/default/shop',
  opens: [{ from: 'Internet', to: 'web-1..web-3', traffic: 'TCP 22' }],
  closes: [{ from: 'web-1', to: 'db-1', traffic: 'all except TCP 5432' }],
}

const markdown = (part: Partial<ReviewedPlan>): string =>
  planMarkdown({
    done: { plan: NOTHING, connections: [] },
    blocked: undefined,
    findings: [],
    stopped: undefined,
    ...part,
  }).join('\n')

describe('a plan as a comment', () => {
  test('says first how much it opens, and folds all but the connections', () => {
    expect(markdown({ done: { plan: CHANGE, connections: [SHOP] } })).toBe(`<!-- palisade plan -->
### palisade: opens 1, closes 1

|  | From | To | Traffic |
| --- | --- | --- | --- |
| **opens** | Internet | web-1..web-3 | TCP 22 |
| closes | web-1 | db-1 | all except TCP 5432 |

<details><summary>Objects and rules</summary>

\`\`\`diff
~ change SecurityGroup default/web (spec.ingress)
0 objects to create, 1 to change, 0 to delete; 0 instances: 0 rules to add, 0 to remove.
\`\`\`

</details>`)
  })

  test('says that nothing changes, or nothing that opens or closes', () => {
    expect(markdown({})).toBe('<!-- palisade plan -->\n### palisade: nothing changes')
    expect(markdown({ done: { plan: CHANGE, connections: [] } })).toContain(
      '### palisade: no connection opens or closes\n',
    )
  })

  test('names the VPC where there are several', () => {
    const text = markdown({
      done: { plan: CHANGE, connections: [SHOP, { ...SHOP, vpc: 'VPC/default/lab' }] },
    })
    expect(text).toContain('| **opens** | VPC default/lab | Internet |')
  })

  test('names the checks that keep it out', () => {
    const text = markdown({
      blocked: {
        plan: CHANGE,
        connections: [SHOP],
        checks: ['ReachabilityCheck/default/db-is-private'],
      },
      findings: [{ code: 'ChangeBlocked', severity: 'error', message: 'it opens', hint: 'take it back' }],
    })
    expect(text).toContain('### palisade: blocked: opens 1, closes 1\n')
    expect(text).toContain('it would break <code>ReachabilityCheck default/db-is-private</code>')
    expect(text).toContain('<summary>1 finding</summary>\n\n```text\nerror ChangeBlocked: it opens')
    expect(text).not.toContain('Applied all the same')
  })

  test('tells what is kept out apart from what is applied all the same', () => {
    const office = { from: 'office', to: 'app-1', traffic: 'TCP 443' }
    const text = markdown({
      done: { plan: CHANGE, connections: [{ ...SHOP, vpc: 'VPC/other/shop', opens: [office], closes: [] }] },
      blocked: {
        plan: CHANGE,
        connections: [SHOP],
        checks: ['ReachabilityCheck/default/db-is-private'],
      },
    })
    expect(text).toContain('### palisade: blocked: opens 1, closes 1\n')
    const [kept = '', done = ''] = text.split('\nApplied all the same: opens 1, closes 0\n')
    expect(kept).toContain('| **opens** | Internet | web-1..web-3 | TCP 22 |')
    expect(kept).not.toContain('office')
    expect(done).toContain('| **opens** | office | app-1 | TCP 443 |')
    expect(done).not.toContain('Internet')
  })

  test('says why nothing was looked at', () => {
    const text = markdown({ stopped: 'Held back.' })
    expect(text).toBe('<!-- palisade plan -->\n### palisade: nothing was done\n\nHeld back.')
  })
})

describe('what manifests say in a comment', () => {
  test.each([
    ['a|b', 'a&#124;b'],
    ['<img src=x>', '&#60;img src&#61;x&#62;'],
    ['[x](http://y)', '&#91;x&#93;(http://y)'],
    ['*_`~#@\\', '&#42;&#95;&#96;&#126;&#35;&#64;&#92;'],
    ['new\nline', 'new&#92;nline'],
  ])('is no markup: %j', (name, shown) => {
    const opens = [{ from: name, to: 'web-1', traffic: 'TCP 22' }]
    expect(markdown({ done: { plan: NOTHING, connections: [{ ...SHOP, opens }] } })).toContain(
      `| ${shown} | web-1 |`,
    )
  })

  test('does not end the code that it stands in', () => {
    const message = 'it ends: ```` and </details>'
    const text = markdown({ findings: [{ code: 'X', severity: 'error', message }] })
    expect(text).toContain(`\n\`\`\`\`\`text\nerror X: ${message}\n\`\`\`\`\`\n`)
  })
})

test('a plan of any size fits into a comment, and says what is left out', () => {
  const opens = Array.from({ length: 5000 }, (_, index) => ({
    from: `web-${String(index)}`,
    to: 'x'.repeat(63),
    traffic: 'TCP 22',
  }))
  const findings = opens.map(({ from }) => ({ code: 'X', severity: 'error', message: from }) as const)
  const objects = opens.map(
    ({ from }) => ({ action: 'Create', key: `Instance/a/${from}`, fields: [] }) as const,
  )
  const part = { plan: { ...NOTHING, objects }, connections: [{ ...SHOP, opens }] }
  const text = markdown({ done: part, blocked: { ...part, checks: [] }, findings })
  expect(text.length).toBeLessThan(65_536)
  expect(text.match(/^\| \*\*opens\*\*/gm)).toHaveLength(40)
  expect(text).toMatch(/<summary>4,981 more connections<\/summary>/)
  expect(text.match(/^\.\.\. and [\d,]+ more lines: run palisade plan$/gm)).toHaveLength(5)
})

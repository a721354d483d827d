import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whatIsMissing } from '../firewall/nft/network.ts'
import { Field } from '../lab/field.ts'
import { buildProber } from '../lab/prober-program.ts'
import { FIELD, smallWorlds } from './small-world.ts'
import { tryWorld, type Count } from './three-ways.ts'

/** More on demand: PALISADE_FUZZ_CASES=20000 npx vitest run ... test/conformance/three-ways.test.ts */
const CASES = Number(process.env['PALISADE_FUZZ_CASES'] ?? 500)

/** Fields at one time: while one waits for packets that do not come, the others work. */
const FIELDS = 3

const missing = whatIsMissing()

describe.skipIf(missing !== undefined)(
  `declared rules, the kernel's rules, packets and what explain, matrix, plan and checks say ${missing ?? ''}`,
  () => {
    let prober: Awaited<ReturnType<typeof buildProber>>
    const fields: Field[] = []
    beforeAll(async () => {
      prober = await buildProber()
      for (let index = 0; index < FIELDS; index++) {
        // Every other field packs what can be packed, as it is done with long lists of rules alone.
        fields.push(await Field.open(FIELD, prober.program, index % 2 === 0 ? 1 : undefined))
      }
    })
    afterAll(async () => {
      await Promise.all(fields.map((field) => field.close()))
      await prober.remove()
    })

    test(
      `agree in ${String(CASES)} random worlds, each an edit of the one before`,
      async () => {
        const count: Count = { compared: 0, sent: 0, passed: 0 }
        const share = Math.ceil(CASES / FIELDS)
        const tries = fields.map((field) =>
          fc.assert(
            fc.asyncProperty(smallWorlds, async (objects) => {
              expect(await tryWorld(field, objects, count)).toBeUndefined()
            }),
            { numRuns: share },
          ),
        )
        await Promise.all(tries)
        // Worlds that say nothing would agree as well.
        expect(count.compared).toBeGreaterThan(CASES * 100)
        expect(count.sent).toBeGreaterThan(CASES * 10)
        expect(count.passed).toBeGreaterThan(CASES)
      },
      60_000 + CASES * 1000,
    )
  },
)

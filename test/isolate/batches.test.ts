import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PartResult } from '../../server/api/batch-contract.ts'
import { ADMIN, openStand, type Stand } from '../http/stand.ts'
import { LOOP, stoppedInTime } from './support.ts'

type Part = Readonly<Record<string, unknown>>

let stand: Stand
let other: string
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(3)
  other = await stand.accountToken()
})
afterAll(() => stand.close())

/** The parts of a batch as they ended, over HTTP. */
async function run(resources: readonly Part[], { token = ADMIN, args = {} } = {}): Promise<readonly PartResult[]> {
  const answer = await fetch(`${stand.url}/batch-request`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ integrated_account_id: 'acme-1', resources, args }),
  })
  const body = (await answer.json()) as { readonly resources: readonly PartResult[] }
  expect(answer.status, JSON.stringify(body)).toBe(200)
  return body.resources
}

const get = { resource: 'customers', method: 'get' }

/** Another token is answered, by a batch that computes something itself as well. */
async function others(): Promise<void> {
  const [part] = await run([{ name: 'one', ...get, id: "{{ $lowercase('CUS0001') }}" }], { token: other })
  expect(part).toMatchObject({ status: 'done', answer: { id: 'cus0001' } })
}

describe('an expression of a batch that never ends', () => {
  it.each([
    ['/resources/0/id', { ...get, id: `{{ ${LOOP} }}` }],
    ['/resources/0/query/limit', { resource: 'customers', method: 'list', query: { limit: `{{ ${LOOP} }}` } }],
    ['/resources/0/custom', { custom: `/v1/customers/{{ ${LOOP} }}` }],
    ['/resources/0/when', { ...get, id: 'cus0001', when: `{{ ${LOOP} }}` }],
    ['/resources/0/for_each', { ...get, id: 'cus0001', for_each: `{{ ${LOOP} }}` }],
    ['/resources/0/id', { ...get, id: `{{ (${LOOP}; item) }}`, for_each: Array.from({ length: 90 }, (_, at) => at) }],
  ])(
    'in %s holds nobody up, and ends its batch with a code and its place',
    async (where, part) => {
      const reached = stand.upstream.reached.length
      const next = { ...get, id: `{{ ${LOOP} }}` }
      const parts = await stoppedInTime(
        stand,
        () => run([{ name: 'busy', ...part }, ...['a', 'b'].map((name) => ({ name, ...next }))]),
        others,
      )
      expect(parts[0]).toMatchObject({ status: 'failed', error: { code: 'expression_limit', where } })
      for (const { status, reason } of parts.slice(1)) {
        expect({ status, ...reason }).toMatchObject({ status: 'not_run', code: 'expression_limit', because: 'busy' })
      }
      expect(stand.upstream.reached).toHaveLength(reached + 2)
      await others()
    },
    60_000,
  )

  it('is no reason to send what its items share once for each of them', async () => {
    const args = { text: 'x'.repeat(800_000) }
    const each = { ...get, for_each: [...'012'.repeat(30)], id: "{{ 'cus000' & item & $substring(args.text, 0, 0) }}" }
    const [part] = await run([{ name: 'each', ...each }], { args })
    expect(part?.status, JSON.stringify(part?.error)).toBe('done')
    expect(part?.iterations?.[89]).toMatchObject({ status: 'done', answer: { id: 'cus0002' } })
  }, 60_000)
})

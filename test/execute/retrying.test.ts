import { describe, expect, it } from 'vitest'
import { invoke } from '../../engine/execute/send.ts'
import { invocationOf, onClock, openDesk } from '../support/calls.ts'
import type { Received, Reply } from '../support/upstream.ts'
import { failing as at, PAYS, usePays } from './pays.ts'

const run = usePays()
const ok: Reply = { body: { id: 'p1' } }
const body = (text: string | undefined): unknown => JSON.parse(text ?? '')
const keysOf = (got: readonly Received[]): unknown[] => got.map(({ headers }) => headers['idempotency-key'])

describe('trying again', () => {
  it.each([408, 429, 500, 502, 503, 504])('a read answered %d', async (status) => {
    const { response, got, call } = await run('pays.get', [at(status), at(status), ok], { path: { id: 'x' } })
    expect(response?.status).toBe(200)
    expect(got).toHaveLength(3)
    expect(call.requests).toBe(3)
  })

  it('gives up after the attempts that are allowed', async () => {
    const { error, got } = await run('pays.get', [at(503)], { path: { id: 'x' } })
    expect(error?.code).toBe('provider_unavailable')
    expect(got).toHaveLength(3)
  })

  it.each([400, 401, 402, 403, 404, 409, 422])('%d is final', async (status) => {
    expect((await run('pays.get', [at(status)], { path: { id: 'x' } })).got).toHaveLength(1)
  })

  it.each(['before', 'midway'] as const)('a read whose connection is reset %s', async (reset) => {
    const { response, got } = await run('pays.get', [{ ...ok, reset }, ok], { path: { id: 'x' } })
    expect(response?.record).toEqual({ id: 'p1' })
    expect(got).toHaveLength(2)
  })

  it.each([{ reset: 'before' }, { reset: 'midway', body: { id: 'p1' } }, at(500), at(504)] as const)(
    'a write carries the same key each time: %j',
    async (reply) => {
      const { response, got } = await run(
        'pays.create',
        [reply, ok],
        { body: { amount: 5 } },
        { idempotencyKey: 'key-1' },
      )
      expect(response?.record).toEqual({ id: 'p1' })
      expect(keysOf(got)).toEqual(['key-1', 'key-1'])
      expect(got.map(({ body: sent }) => sent)).toEqual(['{"amount":5}', '{"amount":5}'])
    },
  )

  it('a write without a key of the caller gets one, the same for all attempts and another for the next write', async () => {
    const first = await run('pays.create', [at(500), ok])
    const second = await run('pays.create', [ok])
    const [key, again, other] = keysOf([...first.got, ...second.got])
    expect([first.got.length, second.got.length]).toEqual([2, 1])
    expect(key).toMatch(/^id\d+_+$/)
    expect(again).toBe(key)
    expect(other).not.toBe(key)
  })

  it('a key in the body, and one that is too long, fit what the provider takes', async () => {
    const { got } = await run(
      'pays.in_body',
      [at(500), ok],
      { body: { amount: 5, meta: { a: 1 } } },
      { idempotencyKey: 'k'.repeat(41) },
    )
    const [one, two] = got.map((request) => body(request.body) as { meta: { key: string } })
    expect(one).toMatchObject({ amount: 5, meta: { a: 1, key: expect.stringMatching(/^[0-9a-f]{40}$/) } })
    expect(two).toEqual(one)
  })

  it("the provider's hints decide where no rule does", async () => {
    const says = (status: number, text: string) => at(status, { headers: { 'acme-should-retry': text } })
    expect((await run('pays.keyless', [says(409, 'true'), ok])).got).toHaveLength(2)
    expect((await run('pays.get', [says(503, 'false'), ok], { path: { id: 'x' } })).got).toHaveLength(1)
  })
})

describe('a write without a key', () => {
  it.each([
    ['no answer', { reset: 'before' }],
    ['half an answer', { reset: 'midway', body: { id: 'p1' } }],
    ['a gateway', at(502)],
    ['a provider that broke', at(500)],
    ['an answer that cannot be read', { body: '<html>' }],
  ] as const)('and %s: the outcome is unknown, and it is not sent again', async (_name, reply) => {
    const { error, got } = await run('pays.keyless', [reply, ok])
    expect(error).toMatchObject({ code: 'outcome_unknown', retryable: false, details: { sent: true } })
    expect(got).toHaveLength(1)
  })

  it('that was never sent is tried again', async () => {
    const gone = openDesk(PAYS, 'http://127.0.0.1:1')
    const invocation = invocationOf(gone, 'pays.keyless')
    await expect(onClock(gone, invoke(gone.context, invocation))).rejects.toMatchObject({ code: 'connection_failed' })
    expect(invocation.call.requests).toBe(3)
    await gone.close()
  })

  it.each([429, 503])('that was refused with %d is tried again', async (status) => {
    expect((await run('pays.keyless', [at(status), ok])).response?.record).toEqual({ id: 'p1' })
  })

  it('is looked for before it is sent again, and found', async () => {
    const list = {
      body: {
        data: [
          { id: 'p0', reference: 'r0' },
          { id: 'p1', reference: 'r1' },
        ],
      },
    }
    const { response, got } = await run('pays.sought', [{ reset: 'before' }, list], { body: { reference: 'r1' } })
    expect(response).toMatchObject({ record: { id: 'p1' }, replayed: true })
    expect(got.map(({ verb, target }) => `${verb} ${target}`)).toEqual(['POST /v1/pays', 'GET /v1/pays?reference=r1'])
  })

  it('is sent again when there is none', async () => {
    const { response, got } = await run('pays.sought', [at(504), { body: { data: [] } }, ok], {
      body: { reference: 'r1' },
    })
    expect(response).toMatchObject({ record: { id: 'p1' }, replayed: false })
    expect(got.map(({ verb }) => verb)).toEqual(['POST', 'GET', 'POST'])
  })

  it('that cannot be looked for is unknown', async () => {
    const { error } = await run('pays.sought', [at(504), at(403)], { body: { reference: 'r1' } })
    expect(error).toMatchObject({ code: 'outcome_unknown', cause: { code: 'provider_forbidden' } })
  })
})

describe('a write with a key', () => {
  it('that is never answered is unknown in the end', async () => {
    const { error, got } = await run('pays.create', [{ reset: 'before' }])
    expect(error).toMatchObject({ code: 'outcome_unknown', cause: { code: 'connection_failed' } })
    expect(got).toHaveLength(3)
  })

  it('stays unknown when only a later attempt was refused by the limit', async () => {
    const { error } = await run('pays.create', [{ reset: 'before' }, at(429)], {}, { onLimit: 'fail' })
    expect(error?.code).toBe('outcome_unknown')
  })

  it('answers what the provider says at last', async () => {
    const { error } = await run('pays.create', [{ reset: 'before' }, at(402)])
    expect(error).toMatchObject({ code: 'provider_invalid_request', details: { provider: { status: 402 } } })
  })

  it('that the provider knows already answers with the first result', async () => {
    const refused = at(409, { body: { error: { code: 'key_in_use', id: 'p9' } } })
    const { response, call } = await run('pays.conflicting', [refused, { body: { id: 'p9' } }])
    expect(response).toMatchObject({ record: { id: 'p9' }, replayed: true })
    expect(call.report().replayed).toBe(true)
  })

  it('past its lifetime is not sent again', async () => {
    const slow = at(503, { headers: { 'retry-after': '2' } })
    const { error, got } = await run('pays.short_lived', [slow, { reset: 'before' }, ok])
    expect(error?.code).toBe('outcome_unknown')
    expect(got).toHaveLength(2)
  })
})

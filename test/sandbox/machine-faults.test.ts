import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { callQuarry, quarryWith, type Reply } from './machine-quarry.ts'
import { clientOf, ownIntegration, start } from './support.ts'

let sandbox: Awaited<ReturnType<typeof start>>
beforeEach(async () => {
  const headers = 'headers: { X-Left: $request.limit.remaining, X-Full-In: $request.limit.reset_s }'
  sandbox = await start(
    quarryWith('{}', (rules) => rules.replace('answers:\n', `answers:\n  ${headers}\n`)),
    false,
  )
})
afterEach(() => sandbox.close())

const call = (verb: string, path: string, body?: unknown): Promise<Reply> => callQuarry(sandbox, verb, path, body)
const ask = (fault: Readonly<Record<string, unknown>>): Promise<Reply> => call('POST', '/_sandbox/faults', fault)
const made = { client: { full_name: 'Ada' } }
const count = async (): Promise<number> => (await call('GET', '/clients')).body.rows.length

describe('a fault', () => {
  it('answers with an error of the rules, or a bare status, as often as asked and where it fits', async () => {
    await ask({ kind: 'error', error: 'settled_back', verb: 'post', path: '/api/cl*nts', times: 2 })
    expect((await call('GET', '/clients')).status).toBe(200)
    expect((await call('POST', '/ledgers/main/entries', {})).status).toBe(422)
    expect((await call('POST', '/clients', made)).body).toMatchObject({ errors: [{ code: 'ENTRY_SETTLED_BACK' }] })
    expect((await call('POST', '/clients', made)).status).toBe(409)
    expect((await call('POST', '/clients', made)).status).toBe(201)
    await ask({ kind: 'error', status: 503 })
    const bare = await fetch(`${sandbox.origin}/api/clients`)
    expect({ status: bare.status, text: await bare.text() }).toEqual({ status: 503, text: '' })
  })

  it('cuts the connection before anything happened, or after', async () => {
    await ask({ kind: 'reset' })
    await expect(call('POST', '/clients', made)).rejects.toThrow('fetch failed')
    expect(await count()).toBe(0)
    await ask({ kind: 'lost' })
    await expect(call('POST', '/clients', made)).rejects.toThrow('fetch failed')
    expect(await count()).toBe(1)
  })

  it('sends half an answer, after it happened', async () => {
    await ask({ kind: 'malformed' })
    await expect(call('POST', '/clients', made)).rejects.toThrow('JSON')
    expect(await count()).toBe(1)
  })

  it('lets wait by the clock', async () => {
    await ask({ kind: 'latency', latency_ms: 5_000, times: null })
    const answer = call('GET', '/clients')
    while (sandbox.clock.sleeping === 0) await new Promise(setImmediate)
    await sandbox.clock.advance(5_000)
    expect((await answer).status).toBe(200)
  })

  it('strikes by its probability, the same for the same seed, until it is taken back', async () => {
    const { id } = (await ask({ kind: 'error', status: 500, probability: 0.5, times: null })).body
    const statuses: number[] = []
    for (let times = 0; times < 20; times++) {
      const { status } = await fetch(`${sandbox.origin}/api/site`, {
        headers: { authorization: `Basic ${Buffer.from('quarry-key:quarry-secret').toString('base64')}` },
      })
      statuses.push(status)
    }
    expect(new Set(statuses)).toEqual(new Set([200, 500]))
    expect((await call('GET', '/_sandbox/faults')).body.faults).toMatchObject([{ id, probability: 0.5, times: null }])
    expect((await call('DELETE', `/_sandbox/faults/${id}`)).body).toEqual({ faults: [] })
    expect((await call('DELETE', `/_sandbox/faults/${id}`)).status).toBe(404)
    expect((await call('GET', '/site')).status).toBe(200)
  })

  it.each([
    [{}, '`kind` must be one of'],
    [{ kind: 'error' }, '`error` must be given'],
    [{ kind: 'error', error: 'nothing' }, '`error` must be one of'],
    [{ kind: 'error', error: 'rate_limited', status: 500 }, '`error` must be given'],
    [{ kind: 'error', status: 200 }, '`status` must be'],
    [{ kind: 'latency' }, '`latency_ms` must be'],
    [{ kind: 'reset', times: 0 }, '`times` must be'],
    [{ kind: 'reset', probability: 2 }, '`probability` must be'],
    [{ kind: 'reset', often: 2 }, 'often is not known here'],
  ])('refuses %j', async (fault, detail) => {
    const { status, body } = await ask(fault)
    expect({ status, detail: body.detail }).toEqual({ status: 400, detail: expect.stringContaining(detail) })
  })
})

describe('rate limits', () => {
  it('are off until they are asked for', async () => {
    for (let times = 0; times < 30; times++) expect((await call('GET', '/site')).status).toBe(200)
    expect((await call('GET', '/_sandbox/limits')).body).toMatchObject({ on: false })
  })

  it('empty, answer 429, and fill as time goes by', async () => {
    const { body } = await call('GET', '/_sandbox/limits')
    const name = Object.keys(body.buckets).find((bucket) => body.buckets[bucket].kind !== 'concurrency')
    const buckets = Object.fromEntries(
      Object.keys(body.buckets).map((bucket) => [bucket, { limit: bucket === name ? 2 : 1_000, window_ms: 10_000 }]),
    )
    await call('POST', '/_sandbox/limits', { on: true, buckets })
    const first = await call('GET', '/site')
    expect([first.headers.get('x-left'), first.headers.get('x-full-in')]).toEqual(['1', '5'])
    expect((await call('GET', '/site')).status).toBe(200)
    const refused = await call('GET', '/site')
    expect(refused).toMatchObject({ status: 429, body: { errors: [{ code: 'SLOW' }] } })
    expect(refused.headers.get('x-quota-left')).toBe('0')
    await sandbox.clock.advance(5_000)
    expect((await call('GET', '/site')).status).toBe(200)
    expect((await call('GET', '/site')).status).toBe(429)
    await call('POST', '/_sandbox/limits', { on: false })
    expect((await call('GET', '/site')).status).toBe(200)
    expect((await call('POST', '/_sandbox/limits', { on: true, buckets: { none: {} } })).body.detail).toContain('none')
  })

  it('are those of the mode that the account is in', async () => {
    const own = await start(ownIntegration('stripe'), false)
    const bearer = { authorization: `Bearer ${own.credentials.secret_key}` }
    const set = await fetch(`${own.origin}/_sandbox/limits`, { method: 'POST', headers: bearer, body: '{"on":true}' })
    expect(await set.json()).toMatchObject({ on: true, buckets: { test_mode: { limit: 25 } } })
    const stripe = clientOf(own)
    const answers = await Promise.allSettled(Array.from({ length: 30 }, () => stripe.customers.list()))
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(5)
    await own.close()
  })
})

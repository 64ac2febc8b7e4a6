import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { integrationOf, START_MS, start } from './support.ts'

const FOLDER = join(import.meta.dirname, '../fixtures/providers/quarry/integrations/quarry')
const RULES = readFileSync(join(import.meta.dirname, 'quarry.yaml'), 'utf8')

/** The made-up provider with sandbox rules of its own. */
function quarry(rules = RULES) {
  const files = ['integration.yaml', ...readdirSync(join(FOLDER, 'resources')).map((file) => `resources/${file}`)]
  const texts = files.map((path) => [path, readFileSync(join(FOLDER, path), 'utf8')] as const)
  return integrationOf('quarry', { ...Object.fromEntries(texts), 'sandbox/rules.yaml': rules })
}

interface Reply {
  readonly status: number
  readonly body: Record<string, unknown>
}

let sandbox: RunningSandbox

beforeAll(async () => {
  sandbox = await start(quarry())
})

afterAll(() => sandbox.close())

async function call(verb: string, path: string, body?: unknown, key = 'quarry-key:quarry-secret'): Promise<Reply> {
  const response = await fetch(`${sandbox.origin}/api${path}`, {
    method: verb,
    headers: {
      authorization: `Basic ${Buffer.from(key).toString('base64')}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('a provider of another kind', () => {
  it('pages by number below its base path', async () => {
    const first = await call('GET', '/clients?per_page=3')
    expect(first.body).toMatchObject({ page: 1, pages: 3 })
    expect(first.body.rows).toMatchObject([{ client_no: 1006 }, { client_no: 1005 }, { client_no: 1004 }])
    expect((await call('GET', '/clients?per_page=3&page=3')).body.rows).toMatchObject([{ client_no: 1000 }])
    expect((await call('GET', '/clients?per_page=51')).status).toBe(422)
    expect((await call('GET', '/ledgers')).body.rows).toEqual([
      { code: 'main', title: 'Main book' },
      { code: 'side', title: 'Side book' },
    ])
  })

  it('wraps bodies and records as the definition says', async () => {
    const made = await call('POST', '/clients', { client: { full_name: 'Hedy', note: null } })
    expect(made).toEqual({
      status: 201,
      body: { client: { client_no: 1007, full_name: 'Hedy', mail: null, note: null, put_away: false } },
    })
    const changed = await call('PUT', '/clients/1007', { client: { mail: 'hedy@example.com' } })
    expect(changed.body.client).toMatchObject({ full_name: 'Hedy', mail: 'hedy@example.com' })
    expect((await call('GET', '/clients?mail=hedy@example.com')).body.rows).toMatchObject([{ client_no: 1007 }])
    expect((await call('POST', '/clients', { full_name: 'x' })).status).toBe(422)
  })

  it('keeps records below their parents', async () => {
    const made = await call('POST', '/ledgers/side/entries', { amount: '12.50', currency: 'EUR', client_no: 1001 })
    expect(made).toMatchObject({
      status: 201,
      body: {
        ledger: 'side',
        number: 8,
        state: 'TAKEN',
        booked_at: new Date(START_MS).toISOString().replace('.000', ''),
      },
    })
    expect((await call('GET', '/ledgers/side/entries')).body.rows).toHaveLength(1)
    expect((await call('GET', '/ledgers/main/entries?client_no=1001')).body.rows).toHaveLength(1)
    expect((await call('GET', '/ledgers/main/entries/8')).status).toBe(404)
    expect((await call('GET', '/ledgers/none/entries')).status).toBe(404)
    expect(
      (await call('POST', '/ledgers/side/entries', { amount: '1.00', currency: 'EUR', client_no: 9 })).status,
    ).toBe(404)
    expect((await call('GET', '/ledgers/main/entries?booked_from=2026-09-29T00:00:00Z')).body.rows).toHaveLength(1)
  })

  it('gives back until nothing is left, and knows a repeated reference in the body', async () => {
    const back = { amount: '2.50', request_ref: 'r1' }
    expect((await call('POST', '/ledgers/main/entries/1/back', back)).body).toMatchObject({ amount_back: '2.50' })
    expect((await call('POST', '/ledgers/main/entries/1/back', back)).body).toMatchObject({ amount_back: '2.50' })
    expect((await call('POST', '/ledgers/main/entries/1/back', { ...back, amount: '3.00' })).status).toBe(409)
    expect((await call('POST', '/ledgers/main/entries/1/back', {})).body).toMatchObject({ amount_back: '10.00' })
    expect(await call('POST', '/ledgers/main/entries/1/back', {})).toMatchObject({
      status: 409,
      body: { errors: [{ code: 'ENTRY_SETTLED_BACK' }] },
    })
  })

  it('refuses in its own words', async () => {
    expect(await call('GET', '/site', undefined, 'quarry-key:wrong')).toMatchObject({
      status: 403,
      body: { errors: [{ code: 'WHO' }] },
    })
    expect((await call('GET', '/site')).body).toMatchObject({ name: 'North' })
    expect(await call('GET', '/clients/5')).toMatchObject({
      status: 404,
      body: { errors: [{ code: 'NO_SUCH', text: 'clients 5' }] },
    })
    expect(await call('POST', '/ledgers/main/entries', { currency: 'EUR' })).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'MISSING', field: 'amount' }] },
    })
    expect((await call('GET', '/clients?archived=maybe')).body).toMatchObject({
      errors: [{ code: 'INVALID', text: 'enum' }],
    })
    expect((await call('DELETE', '/clients/1000')).status).toBe(404)
  })
})

describe('rules that do not hold together', () => {
  const without = (line: RegExp): string => RULES.replace(line, '')

  it.each([
    ['an error of the machine is missing', without(/ {2}rate_limited: .*\n/), 'lack the errors rate_limited'],
    ['a link leads nowhere', RULES.replace('to: [clients]', 'to: [nobody]'), 'unknown resources: nobody'],
    [
      'a step calls a method that is not there',
      RULES.replace('method: clients.create', 'method: clients.make'),
      'clients.make',
    ],
    ['a failure has no error', RULES.replace('fail: { error: settled_back }', 'fail: { error: nothing }'), 'nothing'],
    [
      'a method is no operation and nobody calls it',
      RULES.replace('methods: { list: {} }', 'methods: { list: {}, forget: {} }'),
      'ledgers.forget',
    ],
  ])('%s', async (_, rules, message) => {
    await expect(start(quarry(rules))).rejects.toThrow(message)
  })

  it.each([
    ['an unknown key', RULES.replace('status: 201', 'stats: 201'), 'unknown_key'],
    ['an unknown variable', RULES.replace('$body.full_name', '$boddy.full_name'), 'unknown_variable'],
    [
      'two kinds of step in one',
      RULES.replace('- fail: { error: settled_back }', '- fail: { error: settled_back }\n            let: { a: 1 }'),
      'conflicting_keys',
    ],
  ])('%s is an issue', (_, rules, code) => {
    expect(() => quarry(rules)).toThrow(code)
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listExpressions } from '../../engine/definition/index.ts'
import { EngineError, type ExpressionIsolate, type Log } from '../../engine/index.ts'
import { SYSTEM_CLOCK } from '../../server/clock.ts'
import { createIsolate, type RunningIsolate } from '../../server/isolate/index.ts'
import { callOptions } from '../support/calls.ts'
import { openShop, type Shop } from '../support/shop.ts'
import { ruined, runaway } from './support.ts'

const quiet = (): void => undefined
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet }

/** Slots that the shop of the fixture has no use for, with what comes to the same as without them. */
const MORE: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'integrations/acme/integration.yaml': [
    ['header: acme-version', "header: acme-version, read: '$headers.version'"],
    ['auth:\n', 'settings: { lang: { label: Language } }\nauth:\n'],
    [
      'auth:\n',
      `failure: { message: error.message, code: error.code, request_id: '$headers.request' }
rate_limits: { feedback: { limited: '$http_status = 429' } }
errors:
  - { when: '$http_status = 418', code: provider_invalid_request, missing_fields: error.fields, missing_scopes: error.scopes }
retry: { hints: [{ when: '$http_status = 409', retry: false }] }
request: { headers: { acme-mode: '{{ $account.mode }}' } }
auth:
`,
    ],
  ],
  'integrations/acme/resources/pages.yaml': [
    ['complete: true', 'complete: true\n    request: { defaults: { lang: $connection.lang } }'],
    ['size, max: 10 } }', 'size, max: 10 } }\n    parameters: { lang: { in: query, description: Language. } }'],
  ],
  'integrations/acme/resources/customers.yaml': [
    ['name: Idempotency-Key }', "name: Idempotency-Key, replayed: '$headers.replayed' }"],
    ['description: Reads one. }', "description: Reads one., response: { record: '$response' } }"],
  ],
}

const FOLDER = fileURLToPath(new URL('../fixtures/shop', import.meta.url))
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, root: '/added', text: readFileSync(join(FOLDER, path), 'utf8') }))
  .map((file) => ({
    ...file,
    text: (MORE[file.path] ?? []).reduce((text, [from, to]) => text.replace(from, to), file.text),
  }))

const TABLES: Shop['tables'] = {
  customers: [
    {
      id: 'cu_1',
      created: 9,
      full_name: 'Ada',
      points: 30,
      state: 'A',
      contact: { email: 'ada@acme.test' },
      vip: true,
    },
    {
      id: 'cu_2',
      created: 8,
      full_name: 'Bob',
      points: 1,
      rank: 'none',
      phones: [{ no: '1', type: 'h' }],
      address: {},
    },
  ],
  intents: [
    {
      id: 'in_1',
      created: 5,
      amount: 100,
      currency: 'eur',
      state: 'ok',
      customer: 'cu_1',
      fee: 'fe_1',
      has_lines: true,
    },
  ],
  charges: [
    { id: 'ch_1', created: 4, object: 'charge', outcome: 'paid', amount: 7, currency: 'eur', customer: 'cu_1' },
  ],
  fees: [{ id: 'fe_1', created: 1, amount: 3 }],
  'lines:in_1': [{ id: 'li_1', created: 1, amount: 4 }],
  'history:in_1': [{ id: 'hi_1', created: 1 }],
  shops: [{ id: 'a', created: 1 }],
  'visits:a': [{ id: 'v1', created: 3, shop: 'a', amount: 1 }],
  bookings: [{ id: 'b1', created: 1_759_999_990, amount: 2 }],
  pages: [{ id: 'p1', created: 2, amount: 2 }],
  orders: [],
}

type Call = (shop: Shop) => Promise<unknown>

/** Calls that go through every slot between them. */
const CALLS: readonly Call[] = [
  (shop) => shop.list('customers'),
  (shop) => shop.list('customers', 'limit=1'),
  (shop) => shop.list('customers', 'q=Ada&name=Ada'),
  (shop) => shop.list('customers', 'email=ada@acme.test'),
  (shop) => shop.list('customers', 'created_at[gt]=1970-01-01T00:00:01Z&status=active'),
  (shop) => shop.list('customers', 'id=cu_1&expand=payments'),
  (shop) => shop.call('customers', 'get', { id: 'cu_1', query: 'expand=figures' }),
  (shop) => shop.call('customers', 'get', { id: 'cu_0' }),
  (shop) => shop.call('customers', 'get', { id: 'teapot' }),
  (shop) => shop.list('payments', 'expand=history'),
  (shop) => shop.list('payments', 'customer_email=ada@acme.test'),
  (shop) => shop.list('payments', 'created_at[gte]=1970-01-01T00:00:01Z&customer_id=cu_1'),
  (shop) => shop.call('payments', 'get', { id: 'in_1' }),
  (shop) => shop.list('visits'),
  (shop) => shop.call('visits', 'get', { id: 'a~v1' }),
  (shop) => shop.list('bookings'),
  (shop) => shop.list('pages'),
  (shop) =>
    shop.call('customers', 'create', {
      body: { name: 'Cy', email: 'cy@acme.test', status: 'active', metadata: { a: 'b' }, address: { city: 'Oslo' } },
    }),
  (shop) => shop.call('customers', 'update', { id: 'cu_1', body: { name: 'Ada L', email: 'a@acme.test' } }),
  (shop) => shop.call('customers', 'portal', { id: 'cu_1' }),
  (shop) => shop.call('payments', 'create', { body: { amount: 100, currency: 'EUR', customer_id: 'cu_1' } }),
  (shop) => shop.call('payments', 'refund', { id: 'in_1', body: { amount: 5, reason: 'duplicate' } }),
  (shop) => shop.call('orders', 'create', { body: { note: 'n', lines: ['s'], submit: true, speed: 'fast' } }),
  (shop) => shop.call('orders', 'tag', { body: { note: 'n' } }),
  (shop) => shop.call('customers', 'delete', { id: 'cu_2' }),
  (shop) => shop.engine.verify(shop.account, callOptions()),
  ...[
    ['orders', 'send'],
    ['charges', 'get'],
    ['charges', 'create'],
    ['charges', 'refund'],
    ['intents', 'create'],
    ['intents', 'refund'],
  ].map(([resource = '', method = '']): Call => {
    const body = { amount: 5, currency: 'EUR' }
    const call = {
      resource,
      method,
      query: {},
      ...(method === 'create' ? {} : { id: 'ch_1' }),
      ...(method === 'get' ? {} : { body }),
    }
    return (shop) => shop.engine.proxy(shop.account, call, callOptions({ beforeWrite: async () => undefined }))
  }),
]

const seen: string[] = []
let isolate: RunningIsolate
let watched: ExpressionIsolate
beforeAll(() => {
  isolate = createIsolate({ clock: SYSTEM_CLOCK, log, limits: { batchMs: 5000 } })
  watched = {
    evaluate: (owner, cells) => {
      seen.push(...cells.map(({ source }) => source))
      return isolate.evaluate(owner, cells)
    },
  }
})
afterAll(() => isolate.close())

/** The shop out of these files, with all that it holds at the beginning. */
async function shopOf(files: typeof FILES, given: { isolate?: ExpressionIsolate; root?: string }): Promise<Shop> {
  const texts = new Map(files.map(({ path, text }) => [readFileSync(join(FOLDER, path), 'utf8'), text]))
  const shop = await openShop({ ...given, edit: (text) => texts.get(text) ?? text })
  Object.assign(shop.tables, structuredClone(TABLES))
  shop.intercept = ({ path }) =>
    path.endsWith('/teapot') ? { status: 418, body: { error: { message: 'short and stout' } } } : undefined
  return shop
}

/** What a call came to, without what differs from shop to shop. */
async function outcome(call: Call, shop: Shop): Promise<string> {
  const answer = await call(shop).catch((error: unknown) => {
    if (!(error instanceof EngineError)) throw error
    return { code: error.code, message: error.message }
  })
  return JSON.stringify(answer)
    .replaceAll(/"(next|prev)Cursor":"[^"]*"/g, '')
    .replaceAll(shop.upstream.url, '')
}

describe('an integration of an added folder', () => {
  it('comes to the same as a built-in one, whatever is asked of it', async () => {
    const [own, added] = [await shopOf(FILES, {}), await shopOf(FILES, { root: '/added', isolate: watched })]
    for (const call of CALLS) expect(await outcome(call, added), String(call)).toBe(await outcome(call, own))
    const inTool = await shopOf(FILES, { root: '/added' })
    const fresh = await shopOf(FILES, {})
    for (const call of CALLS) expect(await outcome(call, inTool), String(call)).toBe(await outcome(call, fresh))
    await Promise.all([own, added, inTool, fresh].map((shop) => shop.close()))
  })
})

const slots = listExpressions(FILES).filter(
  ({ file, source }) => file.includes('integrations') && !source.startsWith("'"),
)

/** Every failure in an answer or an error: its address or the field that it cost. */
function failuresIn(value: unknown): string[] {
  if (value instanceof EngineError) {
    const { where, cause } = value.details
    return [...(where === undefined ? [] : [where]), ...failuresIn(cause), ...failuresIn(value.cause)]
  }
  if (typeof value !== 'object' || value === null) return []
  const own = 'field' in value && 'reason' in value ? [`field ${String(value.field)}`] : []
  return [...own, ...Object.values(value).flatMap(failuresIn)]
}

describe('a slot of an added folder that runs away', () => {
  it.each(slots.map((slot) => [`${slot.file}${slot.pointer}`, slot] as const))(
    '%s ends with a coded error that names it, and does not run in the process',
    async (_name, slot) => {
      const { files, address } = ruined(FILES, slot)
      const shop = await shopOf(files, { root: '/added', isolate: watched })
      seen.length = 0
      const failures: string[] = []
      for (const call of CALLS) {
        failures.push(...failuresIn(await call(shop).catch((error: unknown) => error)))
        if (failures.length > 0) break
      }
      await shop.close()
      const field = /\/(?:fields|shapes)\/([^/]+)/.exec(slot.pointer)?.[1] ?? 'none'
      const named = failures.filter((one) => one === address || one.startsWith(`field ${field}`))
      expect(named, `${failures.join(' ')}, not ${address}`).not.toEqual([])
      const isSecret = slot.pointer.startsWith('/auth/methods/')
      expect(seen.includes(runaway(slot.source))).toBe(!isSecret)
    },
  )
})

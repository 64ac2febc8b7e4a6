import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSettings } from '../../server/config.ts'
import { type OnefoldServer, startServer } from '../../server/server.ts'
import { ADMIN, listeningLog } from '../http/stand.ts'

let folder: string
let server: OnefoldServer
let account: { id: string; settings: { base_url: string } }
let token: string
/** What the sandbox takes as its key: made at every start, known to the vault only. */
let key: string
const log = listeningLog()
const answers: string[] = []

async function call(verb: string, path: string, options: { token?: string; body?: unknown; form?: string } = {}) {
  const { body, form } = options
  const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded'
  const response = await fetch(path.startsWith('http') ? path : `${server.url}${path}`, {
    method: verb,
    headers: {
      authorization: `Bearer ${options.token ?? ADMIN}`,
      ...(body === undefined && form === undefined ? {} : { 'content-type': type }),
    },
    body: form ?? (body === undefined ? null : JSON.stringify(body)),
  })
  const text = await response.text()
  answers.push(text)
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as any }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-sandbox-'))
  const env = { PORT: '0', PASSTHROUGH_PORT: '0', ONEFOLD_DATA: folder, ONEFOLD_ADMIN_TOKEN: ADMIN }
  server = await startServer(readSettings(env, folder), log)
  const { stores } = server.services
  const { result } = await stores.accounts.list('sandbox')
  account = result[0] as unknown as typeof account
  const credentials = await stores.accounts.load('sandbox', account.id)
  key = Object.values(credentials.reveal())[0] ?? ''
  const made = await call('POST', `/integrated-account/${account.id}/token`, {
    body: { effects: ['read', 'write', 'money'], expires_in: null },
  })
  token = made.body.token
}, 240_000)
afterAll(async () => {
  await server?.close()
  rmSync(folder, { recursive: true, force: true })
})

const unified = (rest: string) => `/unified/payment-gateway/${rest}`
const native = (rest: string) => `http://127.0.0.1:${server.passthroughPort}/v1/${rest}`

describe('the sandbox', () => {
  it('is reached by its own account at its exact origin, and loopback stays closed to all others', async () => {
    expect((await call('GET', unified('payments?limit=1'), { token })).status).toBe(200)
    const other = new URL(account.settings.base_url)
    other.port = String(server.port)
    for (const base of [other.origin, 'http://127.0.0.1:1', 'http://localhost:1', 'http://[::1]:1']) {
      const body = {
        integration: 'stripe',
        tenant_id: 't',
        credentials: { secret_key: 'sk_test_other' },
        settings: { base_url: base },
      }
      expect((await call('POST', '/integrated-account', { body })).body.code).toBe('egress_refused')
    }
  })

  it('lets nobody in who has no key, and does not tell its key', async () => {
    expect(key).toMatch(/^sk_test_/)
    const { base_url: origin } = account.settings
    expect((await call('GET', `${origin}/v1/customers`, { token })).status).toBe(401)
    expect((await call('GET', `${origin}/v1/customers`, { token: 'sk_test_guess' })).status).toBe(401)
  })

  it('is hidden from tokens of other environments', async () => {
    const made = await call('POST', '/api-token', { body: { role: 'admin', environment: 'default' } })
    const own = { token: made.body.token }
    expect((await call('GET', `/integrated-account/${account.id}`, own)).body.code).toBe('unknown_account')
    const path = unified(`payments?integrated_account_id=${account.id}`)
    expect((await call('GET', path, own)).body.code).toBe('unknown_account')
  })
})

describe('fields that are secrets', () => {
  it('stand in no unified or native answer, however it is asked for', async () => {
    const raw = await call('GET', native('payment_intents?limit=3'), { token })
    const secrets: string[] = raw.body.data.map((each: { client_secret: string }) => each.client_secret)
    expect(secrets.every((secret) => /_secret_/.test(secret))).toBe(true)
    const ids: string[] = raw.body.data.map(({ id }: { id: string }) => id)
    for (const path of [
      ...['', '&explain=true', '&remote_data=true', '&format=raw', '&format=debug&explain=true'].flatMap((query) => [
        unified(`payments?limit=3${query}`),
        unified(`payments/${ids[0]}?integrated_account_id=${account.id}${query}`),
      ]),
      '/proxy/payment_intents?limit=3',
      `/proxy/payment_intents/${ids[0]}`,
      '/proxy/events?limit=50',
    ]) {
      const { text, status } = await call('GET', path, { token })
      expect(status).toBe(200)
      for (const secret of secrets) expect(text).not.toContain(secret)
      expect(text).not.toMatch(/pi_\w+_secret_\w+/)
    }
  })

  it('nor in a failure of the provider', async () => {
    const body = {
      amount: 2500,
      currency: 'eur',
      payment_method: 'pm_card_chargeDeclined',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    }
    const { body: problem, text } = await call('POST', '/proxy/payment_intents', { token, body })
    expect(problem.code).toBe('card_declined')
    expect(problem.provider.body.error.payment_intent.id).toMatch(/^pi_/)
    expect(text).not.toMatch(/_secret_/)
  })
})

describe('hostile input', () => {
  it.each([
    ['a prototype', '__proto__[polluted]=1'],
    ['a prototype in an open map', 'metadata[__proto__][polluted]=1'],
    ['a constructor in an open map', 'metadata[constructor][prototype][polluted]=1'],
    ['a constructor', 'constructor[prototype][polluted]=1'],
    ['a prototype in an object', 'address[__proto__][polluted]=1'],
    ['a prototype that is a text', 'metadata[__proto__]=1'],
    ['brackets that do not close in order', `${'a['.repeat(5_000)}x${']'.repeat(5_000)}=1`],
    ['depth', `metadata[a]${'[b]'.repeat(5_000)}=1`],
    ['NUL', 'name=%00'],
    ['broken UTF-8', 'name=%ff%fe'],
    ['a long text', `name=${'x'.repeat(500_000)}`],
  ])('a form with %s does the process no harm', async (_what, form) => {
    const { status } = await call('POST', native('customers'), { token, form })
    expect(status).toBeLessThan(500)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  it.each(['__proto__', 'constructor', 'toString', '../../keys', 'a/b', 'x'.repeat(900), '%00', '💸'])(
    'the id %j is nobody',
    async (id) => {
      const encoded = encodeURIComponent(id)
      for (const path of [unified(`customers/${encoded}`), `/proxy/customers/${encoded}`]) {
        const { status, body } = await call('GET', path, { token })
        expect(['record_not_found', 'path_not_allowed']).toContain(body.code)
        expect(status).toBeLessThan(500)
      }
    },
  )

  it('a search made to take long is answered', async () => {
    for (const query of [`name~"${'a'.repeat(10_000)}"`, `${'('.repeat(5_000)}`, `email:"${'%'.repeat(5_000)}`]) {
      const { status } = await call('GET', `/proxy/customers/search?query=${encodeURIComponent(query)}`, { token })
      expect(status).toBeLessThan(500)
    }
  })
})

describe('after all of this', () => {
  it('the key of the sandbox stands nowhere in the clear', async () => {
    await server.services.stores.requests.flush()
    expect(answers.length).toBeGreaterThan(30)
    expect(answers.filter((answer) => answer.includes(key))).toEqual([])
    expect(JSON.stringify(log.told)).not.toContain(key)
    const files = readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(key))
    expect(files).toEqual([])
  })

  it('nothing failed inside', () => {
    expect(log.told.filter(({ level }) => level === 'error')).toEqual([])
  })
})

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { connectGrant } from '../../server/api/connect.ts'
import { errorOut } from '../../server/log-error.ts'
import { ADMIN, customersPath, openStand, type Stand } from '../http/stand.ts'
import { GOOD_KEY } from '../http/upstream.ts'
import { PAY, SURFACES } from './support.ts'

const MARK = 'mark-of-a-body-nobody-may-log'

let folder: string
let stand: Stand
/** Every answer that came back, with its headers. */
const answers: string[] = []
const issued: string[] = []

const ask: Stand['call'] = async (...call) => {
  const answer = await stand.call(...call)
  answers.push(JSON.stringify([call[1], [...answer.headers], answer.body]))
  return answer
}

/** The log as its lines are written. */
function logged(): string {
  const lines: string[] = []
  const log = pino({ level: 'debug', serializers: { err: errorOut } }, { write: (line) => void lines.push(line) })
  for (const { level, fields, message } of stand.log.told) log[level as 'info'](fields, message)
  return lines.join('')
}

/** Name and content of every file below the data folder. */
const dataFiles = (below = folder): [string, Buffer][] =>
  readdirSync(below, { recursive: true, withFileTypes: true }).flatMap((entry): [string, Buffer][] =>
    entry.isFile() ? [[entry.name, readFileSync(join(entry.parentPath, entry.name))]] : [],
  )

/** All that the server does, with failures of every kind. */
async function useEverything(): Promise<void> {
  const settings = { base_url: stand.upstream.origin }
  const account = { integration: 'acme', tenant_id: 't', settings }
  await ask('POST', '/integrated-account', { body: { ...account, id: 'second', credentials: { key: GOOD_KEY } } })
  await ask('POST', '/integrated-account', { body: { ...account, credentials: { key: 'ak_test_wrongsecret' } } })
  await ask('POST', '/integrated-account', { body: { ...account, credentials: { key: 'misshapen-secret' } } })
  await ask('PATCH', '/integrated-account/second', { body: { credentials: { key: 'ak_live_othersecret' } } })
  const { body: made } = await ask('POST', '/integrated-account/acme-1/token', { body: { effects: ['read', 'money'] } })
  const { body: api } = await ask('POST', '/api-token', { body: { role: 'read', name: 'api' } })
  const { body: link } = await ask('POST', '/link-token', { body: { tenant_id: 't', integrations: ['acme'] } })
  issued.push(made.token, api.token, link.link_token)
  answers.splice(-3)
  await useGrants()
  await ask('GET', '/integrated-account', { token: 'ak_live_pastedbymistake' })
  const refund = { payment_id: 'ch_1', amount: 5 }
  const headers = { 'idempotency-key': 'kept' }
  await ask('POST', `/unified/payment-gateway/refunds?${PAY}`, { body: refund, headers })
  await ask('POST', `/unified/payment-gateway/refunds?${PAY}`, { body: { ...refund, amount: 9_000 } })
  for (const query of ['explain=true', 'remote_data=true', 'format=debug', 'format=raw', 'limit=1', 'bogus=1']) {
    await ask('GET', customersPath('', query))
    await ask('GET', customersPath('/cus0000', query))
    await ask('GET', `/proxy/customers?${PAY}&${query}`)
  }
  for (const path of [
    ...['/integrated-account', '/integrated-account/acme-1', '/integrated-account/acme-1/capabilities'],
    ...['/integrated-account/acme-1/token', '/api-token', '/environment', '/integration', '/integration/acme'],
    ...['/request-log?limit=1000', '/audit-log?limit=1000', '/unified/meta/models'],
    ...['/openapi.json', '/metrics', '/healthz', '/readyz', '/docs'],
  ]) {
    await ask('GET', path)
  }
}

/** Tokens of a grant that is refused, of one that works, and the secret of an app. */
async function useGrants(): Promise<void> {
  const { services } = stand.server
  const connection = { integration: 'acme', tenantId: 't', authenticationMethod: 'granted' }
  for (const [id, access_token] of [
    ['refused-grant', 'oauth-access-token-refused'],
    ['grant', GOOD_KEY],
  ]) {
    const credentials = new Secret({ access_token, refresh_token: 'oauth-refresh-token-kept' } as Record<
      string,
      string
    >)
    const grant = { credentials, expiresAt: null, renewAt: null, identity: null, scopes: null, settings: {} }
    const settings = { base_url: stand.upstream.origin }
    await connectGrant(services, 'default', { ...connection, id, settings, grant }).catch(() => undefined)
    await ask('GET', `/integrated-account/${id}`)
  }
  const app = new Secret({ client_id: 'app', client_secret: 'oauth-client-secret-of-the-app' })
  await services.stores.oauthApps.set({ environmentId: 'default', integration: 'acme', method: 'granted' }, app, 1)
  expect((await services.stores.oauthApps.load('default', 'acme', 'granted')).reveal()).toEqual(app.reveal())
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-secrets-'))
  stand = await openStand({ ONEFOLD_DATA: folder, LOG_LEVEL: 'debug' })
  stand.upstream.addCustomers(2)
  await useEverything()
  for (const surface of SURFACES) {
    const response = await surface.ask(stand, issued[0] ?? '', '?email=pii@example.com')
    answers.push(JSON.stringify([[...response.headers], await response.text()]))
  }
  await stand.server.services.stores.requests.flush()
})
afterAll(async () => {
  await stand.close()
  rmSync(folder, { recursive: true, force: true })
})

const CREDENTIALS = [
  GOOD_KEY,
  'ak_test_wrongsecret',
  'misshapen-secret',
  'ak_live_othersecret',
  'ak_live_pastedbymistake',
  'oauth-access-token-refused',
  'oauth-refresh-token-kept',
  'oauth-client-secret-of-the-app',
]

describe.each(CREDENTIALS)('the credential %s', (value) => {
  const writings = [value, Buffer.from(value).toString('base64'), Buffer.from(value).toString('hex')]

  it.each(writings)('stands in no answer as %s', (writing) => {
    expect(answers.length).toBeGreaterThan(40)
    expect(answers.filter((answer) => answer.includes(writing))).toEqual([])
  })

  it.each(writings)('stands in no line of the log as %s', (writing) => {
    expect(stand.log.told.length).toBeGreaterThan(40)
    expect(logged()).not.toContain(writing)
  })

  it.each(writings)('stands in no file of the data folder as %s', (writing) => {
    const files = dataFiles()
    expect(files.map(([name]) => name)).toEqual(expect.arrayContaining(['onefold.db', 'onefold.db-wal']))
    expect(files.filter(([, content]) => content.includes(writing)).map(([name]) => name)).toEqual([])
  })
})

describe('tokens', () => {
  it('are shown once and stored as a hash only', () => {
    expect(issued).toHaveLength(3)
    for (const token of [...issued, ADMIN]) {
      expect(answers.filter((answer) => answer.includes(token))).toEqual([])
      expect(logged()).not.toContain(token)
      expect(dataFiles().filter(([, content]) => content.includes(token))).toEqual([])
    }
  })
})

describe('what people send and get', () => {
  it('stands in no log: values of queries, names, mail addresses, answers kept for repeats', () => {
    const log = logged()
    for (const text of ['pii@example.com', 'pii%40example.com', 'Customer 0', 'c0@example.com']) {
      expect(log).not.toContain(text)
      expect(dataFiles().filter(([, content]) => content.includes(text))).toEqual([])
    }
    expect(dataFiles().filter(([, content]) => content.includes('"charge":"ch_1"'))).toEqual([])
  })

  it('what a provider answers to a failure goes to the caller, and not into the log', async () => {
    stand.upstream.next = (_request, response) => {
      response.writeHead(500, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { code: 'x' }, note: MARK }))
    }
    const { body } = await stand.call('GET', customersPath())
    expect(body.provider.body.note).toBe(MARK)
    expect(logged()).toContain('provider_error')
    expect(logged()).not.toContain(MARK)
  })
})

describe('a provider that repeats the credentials in a failure', () => {
  it.each([400, 401, 500])('is not heard, with status %d', async (status) => {
    const before = stand.upstream.reached.length
    for (const path of [customersPath(), `/proxy/customers?${PAY}`]) {
      stand.upstream.next = ({ headers }, response) => {
        const message = `Invalid key ${GOOD_KEY}`
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ error: { code: GOOD_KEY, message }, [GOOD_KEY]: [headers.authorization] }))
      }
      const { body } = await stand.call('GET', path)
      expect(body.provider.message).toBe('Invalid key [secret]')
      expect(JSON.stringify(body)).not.toContain(GOOD_KEY)
      if (status === 401) await stand.upstream.rechecked(before)
    }
    expect(logged()).not.toContain(GOOD_KEY)
  })

  it('nor when it does so in plain text, or when an account is connected', async () => {
    const repeat: Stand['upstream']['next'] = ({ headers }, response) => {
      response.writeHead(403, { 'content-type': 'text/plain' })
      response.end(`no: ${headers.authorization}`)
    }
    stand.upstream.next = repeat
    expect(JSON.stringify((await stand.call('GET', customersPath())).body)).not.toContain(GOOD_KEY)
    stand.upstream.next = repeat
    const settings = { base_url: stand.upstream.origin }
    const body = { integration: 'acme', tenant_id: 't', credentials: { key: GOOD_KEY }, settings }
    const answer = await stand.call('POST', '/integrated-account', { body })
    expect(answer.body.code).toBe('invalid_credentials')
    expect(JSON.stringify(answer.body)).not.toContain(GOOD_KEY)
  })
})

describe('files', () => {
  it('of the data folder are for their owner only', () => {
    const open = readdirSync(folder).filter((name) => (statSync(join(folder, name)).mode & 0o077) !== 0)
    expect({ folder: statSync(folder).mode & 0o077, open }).toEqual({ folder: 0, open: [] })
  })
})

import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../support/house.ts'
import { openStand, type Stand } from './stand.ts'

interface Entry {
  readonly ledger: string
  readonly number: number
  readonly amount: string
  readonly currency: string
  given_back: string
  readonly state: string
  readonly booked: string
}

const AUTHORIZED = `Basic ${Buffer.from('pair-key:pair-secret').toString('base64')}`
const entryOf = (ledger: string, number: number, amount: string, currency: string): Entry => ({
  ...{ ledger, number, amount, currency, given_back: '0', state: 'TAKEN' },
  booked: new Date(Date.UTC(2026, 0, 1, number, ledger === 'shop' ? 30 : 0)).toISOString(),
})

/** A provider with numbered pages, basic authentication, decimal amounts and ids that exist below a ledger only. */
function playQuarry(): Server {
  const ledgers = new Map([
    ['main', Array.from({ length: 7 }, (_, at) => entryOf('main', at + 1, `${at + 1}.50`, 'eur'))],
    ['shop', Array.from({ length: 5 }, (_, at) => entryOf('shop', at + 1, `${at + 1}00`, 'jpy'))],
  ])
  const page = (rows: readonly unknown[], query: URLSearchParams) => {
    const [number, size] = [Number(query.get('page')), Number(query.get('per_page'))]
    return { page: number, pages: Math.ceil(rows.length / size), rows: rows.slice((number - 1) * size, number * size) }
  }
  const answer = (verb: string, path: string, query: URLSearchParams, given: { amount?: string }): unknown => {
    const [, , top = '', code = '', , number = ''] = path.split('/')
    const entries = ledgers.get(code) ?? []
    const entry = entries.find((one) => one.number === Number(number))
    if (top === 'site') return { site_no: 'site-7' }
    if (code === '')
      return page(
        [...ledgers.keys()].map((name) => ({ code: name })),
        query,
      )
    if (number === '') return page(entries.toReversed(), query)
    if (entry === undefined) return undefined
    if (verb === 'POST') entry.given_back = given.amount ?? entry.amount
    return verb === 'POST' ? { ...entry, back_no: 1, amount: entry.given_back } : entry
  }
  return createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
    const isKnown = request.headers.authorization === AUTHORIZED
    const given = chunks.length > 0 ? JSON.parse(String(Buffer.concat(chunks))) : {}
    const value = isKnown ? answer(request.method ?? '', pathname, searchParams, given) : undefined
    response.writeHead(!isKnown ? 401 : value === undefined ? 400 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(value ?? { errors: [{ code: 'NO_SUCH', text: 'There is no such thing' }] }))
  })
}

let folder: string
let stand: Stand
let provider: Server
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-new-'))
  stand = await openStand({ ONEFOLD_DEFINITIONS: folder })
  provider = playQuarry()
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await stand.close()
  provider.closeAllConnections()
  provider.close()
  rmSync(folder, { recursive: true, force: true })
})

const payments = '/unified/payment-gateway/payments'
const account = 'integrated_account_id=quarry-1'

describe('a provider folder dropped into a definitions path', () => {
  it('works with no restart and no code: it is connected, listed to the end, read and refunded', async () => {
    expect((await stand.call('GET', '/integration/quarry')).body.code).toBe('unknown_integration')
    cpSync(join(ROOT, 'test/fixtures/providers/quarry'), folder, { recursive: true })
    await expect
      .poll(async () => (await stand.call('GET', '/integration/quarry')).status, { timeout: 30_000, interval: 100 })
      .toBe(200)
    const connected = await stand.call('POST', '/integrated-account', {
      body: {
        id: 'quarry-1',
        integration: 'quarry',
        tenant_id: 't',
        credentials: { key: 'pair-key', secret: 'pair-secret', site: 'practice-north' },
        settings: { base_url: `http://127.0.0.1:${(provider.address() as AddressInfo).port}` },
      },
    })
    expect(connected.body).toMatchObject({ status: 'active', identity: 'site-7', mode: 'practice', livemode: false })
    const all: { id: string; amount: number; currency: string }[] = []
    let next: string | null = ''
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&next_cursor=${next}`
      const { body, status } = await stand.call('GET', `${payments}?${account}&limit=5${cursor}`)
      expect(status).toBe(200)
      expect(body.prev_cursor).toBeNull()
      all.push(...body.result)
      next = body.next_cursor
    }
    expect(new Set(all.map(({ id }) => id)).size).toBe(12)
    expect(all).toContainEqual(expect.objectContaining({ id: 'main~7', amount: 750, currency: 'EUR' }))
    expect(all).toContainEqual(expect.objectContaining({ id: 'shop~3', amount: 300, currency: 'JPY' }))
    const refunded = await stand.call('POST', `${payments}/main~7/refund?${account}`, { body: { amount: 250 } })
    expect(refunded.body.result).toMatchObject({ amount: 250, currency: 'EUR', payment: { id: 'main~7' } })
    const read = await stand.call('GET', `${payments}/main~7?${account}`)
    expect(read.body).toMatchObject({ amount_refunded: 250, amount_refundable: 500, refund_status: 'partial' })
    expect((await stand.call('GET', `${payments}/main~99?${account}`)).body.code).toBe('record_not_found')
    const { body } = await stand.call('GET', '/integrated-account/quarry-1/capabilities')
    expect(body.models['payment-gateway'].payments).toMatchObject({ stability: 'best_effort', can_go_back: false })
  }, 60_000)
})

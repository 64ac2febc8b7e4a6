import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openStand, type Stand } from '../http/stand.ts'

let stand: Stand
let token: string
beforeAll(async () => {
  stand = await openStand()
  token = await stand.accountToken({ effects: ['read', 'write'], expires_in: null })
})
afterAll(() => stand.close())

const ask = (method: string, params: object, bearer = token) =>
  stand.call('POST', '/mcp', {
    token: bearer,
    body: { jsonrpc: '2.0', id: 1, method, params },
    headers: { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' },
  })

describe('the audit log', () => {
  const acts = async (query: string) => (await stand.call('GET', `/audit-log?limit=1000&${query}`)).body.result

  it('has who read what, and what is not there or not for them as denied', async () => {
    const own = await stand.accountToken({ effects: ['read'], resources: ['payments'] })
    const check = await stand.server.services.reads.token(own)
    const actor = `actor=token:${check.state === 'valid' ? check.token.id : ''}`
    await ask('resources/read', { uri: 'onefold://capabilities/acme-1' }, own)
    await ask('resources/read', { uri: 'onefold://capabilities/other-1' }, own)
    await ask('resources/read', { uri: 'onefold://schema/payment-gateway/customers' }, own)
    await ask('prompts/get', { name: 'find_churn_risk', arguments: { customer_id: 'ann@home.example' } }, own)
    await ask('prompts/get', { name: 'explain_failed_payment', arguments: { payment_id: 'pay_1' } }, own)
    await ask('resources/list', {}, own)
    const told = (await acts(`${actor}&action=mcp/*`)).map(
      ({ action, target, outcome, details }: Record<string, object>) => [action, target, outcome, details],
    )
    const details = (args: object, code?: string) => ({ arguments: args, upstream_requests: 0, ...(code && { code }) })
    const missing = { uri: 'onefold://schema/payment-gateway/customers' }
    expect(told.reverse()).toEqual([
      ...[
        [
          'mcp/resources/read',
          'integrated_account:acme-1',
          'succeeded',
          details({ uri: 'onefold://capabilities/acme-1' }),
        ],
      ],
      ...[['mcp/resources/read', 'mcp', 'denied', details({ uri: 'onefold://capabilities/other-1' }, 'not_found')]],
      ...[['mcp/resources/read', 'mcp', 'denied', details(missing, 'not_found')]],
      [
        ...['mcp/prompts/get', 'mcp', 'denied'],
        details({ name: 'find_churn_risk', arguments: { customer_id: '[cut]' } }, 'not_found'),
      ],
      [
        ...['mcp/prompts/get', 'mcp', 'succeeded'],
        details({ name: 'explain_failed_payment', arguments: { payment_id: 'pay_1' } }),
      ],
    ])
  })

  it('is written before the answer but for reads that went well, which wait and are lost by no other write', async () => {
    const { audit } = stand.server.services.stores
    await audit.flush()
    const [recorded, appended] = [vi.spyOn(audit, 'record'), vi.spyOn(audit, 'append')]
    const use = (name: string, args: object) => ask('tools/call', { name, arguments: args })
    const customers = 'payment-gateway/customers'
    const counts = () => [recorded.mock.calls.length, appended.mock.calls.length]
    await use('list_records', { resource: customers })
    expect(counts()).toEqual([0, 1])
    await use('call_tool', { name: 'list_all_acme_customers', arguments: {} })
    expect(counts()).toEqual([0, 2])
    await use('list_records', { resource: customers, filters: { nothing: 1 } })
    expect(counts()).toEqual([1, 2])
    await use('create_record', { resource: customers, body: { name: 'x' } })
    await use('call_tool', { name: 'create_a_acme_customers', arguments: { body: { name: 'x' } } })
    await use('nothing', {})
    expect(counts()).toEqual([4, 2])
  })
})

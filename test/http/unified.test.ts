import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { customersPath, openStand, type Stand } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(12)
})
afterAll(() => stand.close())

describe('a unified list', () => {
  it('answers records in the envelope', async () => {
    const { status, body, headers } = await stand.call('GET', customersPath('', 'limit=3'))
    expect(body).toMatchObject({ result_count: 3, is_partial_response: false, prev_cursor: null })
    expect(status).toBe(200)
    expect(body.result[0]).toMatchObject({ id: 'cus0011', object: 'customer', integrated_account_id: 'acme-1' })
    expect(headers.get('x-request-id')).toMatch(/^req_/)
  })
})

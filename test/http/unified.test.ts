import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { customersPath, openStand, type Stand } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(12)
})
afterAll(() => stand.close())

const ids = (answer: { body: { result: { id: string }[] } }): string[] => answer.body.result.map(({ id }) => id)

describe('a unified list', () => {
  it('answers records in the envelope, with the request id and without a cache', async () => {
    const { status, body, headers } = await stand.call('GET', customersPath('', 'limit=3'))
    expect(status).toBe(200)
    expect(body).toMatchObject({ result_count: 3, is_partial_response: false, prev_cursor: null })
    expect(body.result[0]).toMatchObject({ object: 'customer', integrated_account_id: 'acme-1', tenant_id: 'tenant-1' })
    expect(body.result[0].remote_data).toBeNull()
    expect(headers.get('x-request-id')).toMatch(/^req_[\w-]{22}$/)
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('pages to the end and back without losing or repeating a record while others are added', async () => {
    const forth: string[] = []
    let answer = await stand.call('GET', customersPath('', 'limit=4'))
    forth.push(...ids(answer))
    stand.upstream.addCustomers(1)
    let last = answer
    while (answer.body.next_cursor !== null) {
      last = answer
      answer = await stand.call('GET', customersPath('', `limit=4&next_cursor=${answer.body.next_cursor}`))
      forth.push(...ids(answer))
    }
    expect(last).not.toBe(answer)
    expect(new Set(forth).size).toBe(12)
    const back: string[] = [...ids(answer)]
    while (answer.body.prev_cursor !== null) {
      answer = await stand.call('GET', customersPath('', `limit=4&next_cursor=${answer.body.prev_cursor}`))
      back.unshift(...ids(answer))
    }
    expect(back.slice(-12)).toEqual(forth)
    expect(back).toHaveLength(13)
  })

  it('takes several provider pages for a limit above theirs', async () => {
    const { body } = await stand.call('GET', customersPath('', 'limit=100'))
    expect(body.result_count).toBe(stand.upstream.customers.length)
    expect(body.next_cursor).toBeNull()
  })

  it('filters, chooses fields, adds the provider object and explains', async () => {
    const path = customersPath('', 'email=c3@example.com&fields=id,email&remote_data=true&explain=true')
    const { body } = await stand.call('GET', path)
    expect(body.result).toEqual([expect.objectContaining({ id: 'cus0003', email: 'c3@example.com' })])
    expect(body.result[0]).not.toHaveProperty('name')
    expect(body.result[0].remote_data).toMatchObject({ id: 'cus0003', created: 1_700_000_004 })
    expect(body.explain).toBeDefined()
  })

  it('keys the result by a unique field, as older clients ask for', async () => {
    const { body } = await stand.call('GET', customersPath('', 'limit=2&truto_key_by=id'))
    expect(Object.keys(body.result)).toHaveLength(2)
    for (const [key, record] of Object.entries(body.result)) expect(record).toMatchObject({ id: key })
  })
})

describe('a unified record', () => {
  it('is bare, and is created, changed and deleted', async () => {
    const created = await stand.call('POST', customersPath(), { body: { name: 'Bo', email: 'bo@example.com' } })
    expect(created.status).toBe(200)
    expect(created.body).toMatchObject({ object: 'customer', name: 'Bo' })
    const { id } = created.body
    expect((await stand.call('GET', customersPath(`/${id}`))).body).toMatchObject({ id, email: 'bo@example.com' })
    const changed = await stand.call('PATCH', customersPath(`/${id}`), { body: { name: 'Bo Lind' } })
    expect(changed.body).toMatchObject({ id, name: 'Bo Lind' })
    const deleted = await stand.call('DELETE', customersPath(`/${id}`))
    expect(deleted.body).toEqual({ id })
    expect((await stand.call('GET', customersPath(`/${id}`))).body).toMatchObject({
      status: 404,
      code: 'record_not_found',
    })
  })

  it('is found with basic authentication and with an account token that names no account', async () => {
    const token = await stand.accountToken()
    const basic = `Basic ${Buffer.from(`${token}:`).toString('base64')}`
    const path = '/unified/payment-gateway/customers/cus0001'
    const answer = await stand.call('GET', path, { token: null, headers: { authorization: basic } })
    expect(answer.body).toMatchObject({ id: 'cus0001' })
  })
})

describe('a call by native resource', () => {
  const proxy = (path: string, query = '') => `/proxy/${path}?integrated_account_id=acme-1${query}`

  it('lists with our paging and the provider fields', async () => {
    const first = await stand.call('GET', proxy('customers', '&limit=7'))
    expect(first.body.result_count).toBe(7)
    expect(first.body.result[0]).toHaveProperty('created')
    const second = await stand.call('GET', proxy('customers', `&limit=7&next_cursor=${first.body.next_cursor}`))
    expect(ids(second).filter((id) => ids(first).includes(id))).toEqual([])
  })

  it('gets a record, and a reading method of the collection by its name', async () => {
    expect((await stand.call('GET', proxy('customers/cus0001'))).body).toMatchObject({ id: 'cus0001' })
    expect((await stand.call('GET', proxy('customers/count'))).body).toMatchObject({ result: { count: 13 } })
  })

  it('uploads a file by multipart', async () => {
    const form = new FormData()
    form.set('purpose', 'proof')
    form.set('file', new File(['hello'], 'a.txt', { type: 'text/plain' }))
    const { status } = await stand.call('POST', proxy('files'), { raw: form })
    expect(status).toBe(200)
    const reached = stand.upstream.reached.at(-1)
    expect(reached?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(String(reached?.body)).toMatch(/filename="a.txt"[\s\S]*text\/plain[\s\S]*hello/)
  })

  it('names the resources and methods there are', async () => {
    const noResource = await stand.call('GET', proxy('custmers'))
    expect(noResource.body).toMatchObject({ code: 'unknown_resource', valid: expect.arrayContaining(['customers']) })
    const noMethod = await stand.call('POST', proxy('customers/cus0001/merge'))
    expect(noMethod.body).toMatchObject({ code: 'unknown_method', valid: expect.arrayContaining(['update']) })
  })
})

describe('what there is', () => {
  it('models, one model, a schema, currencies and capabilities', async () => {
    const models = await stand.call('GET', '/unified/meta/models')
    expect(models.body.result.map(({ name }: { name: string }) => name)).toContain('payment-gateway')
    const model = await stand.call('GET', '/unified/meta/models/payment-gateway')
    expect(model.body.resources.refunds.methods).toContain('create')
    const schema = await stand.call('GET', '/unified/meta/payment-gateway/customers/schema')
    expect(schema.body.schema.properties).toHaveProperty('email')
    const currencies = await stand.call('GET', '/unified/meta/currencies')
    expect(currencies.body.result).toContainEqual({ code: 'JPY', exponent: 0 })
    const { body } = await stand.call('GET', '/integrated-account/acme-1/capabilities')
    const { customers } = body.models['payment-gateway']
    expect(customers).toMatchObject({ can_go_back: true, stability: 'keyset', filters: { email: { mode: 'native' } } })
    expect(customers.fields.phone).toMatchObject({ readable: false, reason: 'The provider keeps no phone number.' })
  })

  it('integrations with the forms of their auth methods, without a secret', async () => {
    const { body } = await stand.call('GET', '/integration/acme')
    expect(body).toMatchObject({ label: 'Acme Pay', is_extra: true, pending_approval: null })
    expect(body.authentication_methods[0].fields.key).toMatchObject({ label: 'API key', secret: true })
  })
})

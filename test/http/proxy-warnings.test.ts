import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN, openStand, type Stand } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(3)
})
afterAll(() => stand.close())

/** Calls a native resource of acme-1 over the wire. */
async function proxy(verb: string, path: string, body?: unknown) {
  const separator = path.includes('?') ? '&' : '?'
  const response = await fetch(`${stand.url}/proxy/${path}${separator}integrated_account_id=acme-1`, {
    method: verb,
    headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const reached = () => stand.upstream.reached.at(-1)

describe('a native call with what the definition does not know', () => {
  it('passes undeclared parameters of a list on and says so beside the result', async () => {
    const { status, body } = await proxy('GET', 'customers?colour=red&limit=1')
    expect([status, reached()?.target]).toEqual([200, expect.stringContaining('colour=red')])
    expect(body).toMatchObject({
      result_count: 1,
      warnings: ['`colour` is not declared for customers.list; it was passed on as it is'],
    })
  })

  it('passes undeclared fields and values of a body on and says so beside the record', async () => {
    const { status, body } = await proxy('POST', 'refunds', { charge: 'ch_1', reason: 'typo', note: { by: 'Ada' } })
    expect(status).toBe(200)
    expect(JSON.parse(String(reached()?.body))).toEqual({ charge: 'ch_1', reason: 'typo', note: { by: 'Ada' } })
    expect(body).toMatchObject({ charge: 'ch_1', amount: 1000 })
    expect(body.warnings).toEqual([
      '`reason` has a value that refunds.create does not list; it was passed on as it is. Known are: duplicate, fraud',
      '`note` is not declared for refunds.create; it was passed on as it is',
    ])
  })

  it('says so beside the result of a method', async () => {
    const { body } = await proxy('GET', 'customers/count?deep[a]=1')
    expect(body).toEqual({
      result: { count: 3 },
      warnings: ['`deep[a]` is not declared for customers.count; it was passed on as it is'],
    })
  })

  it('leaves the warnings of a record that has its own alone', async () => {
    stand.upstream.next = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ id: 'cus0001', warnings: ['theirs'] }))
    }
    const { body } = await proxy('GET', 'customers/cus0001?x=1')
    expect(body).toEqual({
      id: 'cus0001',
      warnings: ['theirs'],
      _meta: { warnings: ['`x` is not declared for customers.get; it was passed on as it is'] },
    })
  })

  it('says nothing where all is declared', async () => {
    expect((await proxy('GET', 'customers/cus0001')).body).not.toHaveProperty('warnings')
    const { body } = await proxy('POST', 'refunds', { charge: 'ch_1', reason: 'fraud' })
    expect(body).not.toHaveProperty('warnings')
  })

  it('refuses a value of another type by name, before anything is sent', async () => {
    const before = stand.upstream.reached.length
    const { status, body } = await proxy('POST', 'refunds', { charge: 'ch_1', amount: 'five' })
    expect([status, body.code, body.where]).toEqual([400, 'invalid_parameter', 'amount'])
    expect(stand.upstream.reached).toHaveLength(before)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { customersPath, openStand, type Stand } from '../http/stand.ts'
import { PAY, reachedDuring } from './support.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(3)
})
afterAll(() => stand.close())

const JSON_TYPE = { 'content-type': 'application/json' }
const UNIFIED = customersPath()
const PROXY = `/proxy/customers?${PAY}`

describe('names that every object has', () => {
  const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']

  it.each(NAMES)('the parameter %s is refused where it is unknown', async (name) => {
    expect((await stand.call('GET', customersPath('', `${name}=1`))).body.code).toBe('unknown_filter')
    expect((await stand.call('GET', customersPath('/cus0000', `${name}=1`))).body.code).toBe('unknown_parameter')
    expect((await stand.call('GET', `/integrated-account?${name}=1`)).body.code).toBe('unknown_parameter')
    for (const setting of ['fields', 'exclude_fields', 'sort', 'truto_key_by']) {
      expect((await stand.call('GET', customersPath('', `${setting}=${name}`))).body.code).toBe('unknown_field')
    }
    expect((await stand.call('GET', customersPath('', `created_at[${name}]=1`))).body.code).toBe('unknown_filter')
    expect((await stand.call('GET', customersPath('', `expand=${name}`))).body.code).toBe('invalid_parameter')
  })

  it.each(NAMES)('the parameter %s goes on to the provider where parameters do, once and more often', async (name) => {
    const [reached] = await reachedDuring(stand, () => stand.call('GET', `${PROXY}&${name}=a`))
    expect(reached?.target).toBe(`/v1/customers?${name}=a&limit=5`)
    const [both] = await reachedDuring(stand, () => stand.call('GET', `${PROXY}&${name}=a&${name}=b`))
    const query = new URLSearchParams(both?.target.split('?')[1])
    expect([...query].filter(([key]) => key.startsWith(name)).map(([, value]) => value)).toEqual(['a', 'b'])
  })

  it.each(NAMES)('%s is no model, resource, method, integration, account or environment', async (name) => {
    for (const path of [
      `/unified/${name}/customers?${PAY}`,
      `/unified/payment-gateway/${name}?${PAY}`,
      `/proxy/${name}?${PAY}`,
      `/integration/${name}`,
      `/integrated-account/${name}`,
      `/environment/${name}`,
      `/unified/meta/models/${name}`,
      `/unified/meta/payment-gateway/${name}/schema`,
    ]) {
      expect((await stand.call('GET', path)).status).toBe(404)
    }
    for (const path of [UNIFIED, PROXY].map((one) => one.replace('?', `/${name}?`))) {
      expect((await stand.call('POST', path, { body: {} })).body.code).toBe('unknown_method')
    }
  })

  it('a record stays in the result when its key is such a name', async () => {
    const record = { id: '__proto__', name: 'P', email: null, created: 1_700_000_900 }
    stand.upstream.customers.push(record)
    const { body } = await stand.call('GET', customersPath('', 'truto_key_by=id'))
    stand.upstream.customers.pop()
    expect(Object.keys(body.result)).toContain('__proto__')
    expect(Object.keys(body.result)).toHaveLength(body.result_count)
  })

  it('native fields of such names arrive as they are', async () => {
    const raw = '{"__proto__":{"a":1},"metadata":{"__proto__":"x","constructor":"y"}}'
    const [reached] = await reachedDuring(stand, () => stand.call('POST', PROXY, { raw, headers: JSON_TYPE }))
    expect(String(reached?.body)).toBe(raw)
  })

  it('parts of such names do not swallow the others', async () => {
    const form = new FormData()
    form.set('__proto__', new Blob(['evil']), 'evil.txt')
    form.set('purpose', 'proof')
    form.set('file', new Blob(['good']), 'good.txt')
    const [reached] = await reachedDuring(stand, () => stand.call('POST', `/proxy/files?${PAY}`, { raw: form }))
    const names = [...String(reached?.body).matchAll(/ name="([^"]*)"/g)].map(([, name]) => name)
    expect(names.sort()).toEqual(['__proto__', 'file', 'purpose'])
  })
})

describe('a parameter that would choose another method, path or host', () => {
  it.each(['methodConfig', 'method_config', 'base_url', 'url', 'host', 'path'])('%s is none of ours', async (name) => {
    const value = encodeURIComponent('{"url":"https://evil.example","baseUrl":"https://evil.example"}')
    const reached = await reachedDuring(stand, async () => {
      expect((await stand.call('GET', customersPath('', `${name}=${value}`))).body.code).toBe('unknown_filter')
      expect((await stand.call('GET', customersPath('/cus0000', `${name}=${value}`))).body.code).toBe(
        'unknown_parameter',
      )
      const body = { name: 'N', [name]: { url: 'https://evil.example' } }
      expect((await stand.call('POST', UNIFIED, { body })).body.code).toBe('invalid_body')
    })
    expect(reached).toEqual([])
  })
})

describe('values', () => {
  it.each(['0', '-1', '1001', '1e3', '99999999999999999999', 'Infinity', '0x10', ' 5', '٣', ''])(
    'a limit of %j is refused',
    async (limit) => {
      const value = encodeURIComponent(limit)
      for (const path of [UNIFIED, PROXY, '/integrated-account?', '/audit-log?']) {
        const { status, body } = await stand.call('GET', `${path}&limit=${value}`.replace('?&', '?'))
        expect(body.code).toBe('invalid_parameter')
        expect(status).toBe(400)
      }
    },
  )

  it.each([
    ['created_at[gte]', `${'1'.repeat(20_000)}!`],
    ['created_at[gte]', `2026-01-01T00:00:00.${'0'.repeat(20_000)}x`],
    ['email', `${'a@'.repeat(10_000)}`],
    ['sort', `${'-'.repeat(20_000)}`],
    ['timezone', `${'Europe/'.repeat(3_000)}`],
    ['next_cursor', `${'A'.repeat(20_000)}!`],
    ['fields', `${'a.'.repeat(10_000)}`],
    ['id[in]', `${','.repeat(20_000)}`],
  ])('%s with a value made to take long is answered', async (name, value) => {
    const { status } = await stand.call('GET', customersPath('', `${name}=${encodeURIComponent(value)}`))
    expect(status).toBeLessThan(500)
  })

  it('a token made to take long is refused', async () => {
    for (const token of [`ak_test_${'a'.repeat(20_000)}!`, 'x'.repeat(30_000)]) {
      expect((await stand.call('GET', UNIFIED, { token })).status).toBe(401)
    }
  })

  it.each([
    ['GET', '/integrated-account/a%00b', undefined],
    ['GET', `/unified/payment-gateway/customers?integrated_account_id=a%00b`, undefined],
    ['GET', '/request-log?request_id=a%00b', undefined],
    ['GET', '/audit-log?actor=a%00b', undefined],
    ['POST', '/api-token', { role: 'read', name: 'a\0b' }],
    ['POST', '/environment', { id: 'nul', name: 'a\0b' }],
  ])('NUL in %s %s is refused with a code of the caller', async (verb, path, body) => {
    const answer = await stand.call(verb, path, body === undefined ? {} : { body })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(answer.body.code).not.toBe('internal')
  })

  it('what looks like an expression is text', async () => {
    const name = '{{ $credentials.key }} $credentials.key #{1+1} %{key}'
    const made = await stand.call('POST', UNIFIED, { body: { name } })
    expect(made.body.name).toBe(name)
    expect(JSON.parse(String(stand.upstream.reached.at(-1)?.body)).name).toBe(name)
    const read = await stand.call('GET', customersPath(`/${made.body.id}`, 'explain=true&remote_data=true'))
    expect(read.body.name).toBe(name)
    expect(JSON.stringify(read.body)).not.toContain('ak_test_good1')
  })
})

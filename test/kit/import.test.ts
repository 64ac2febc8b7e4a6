import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkFiles, targetOf } from '../../server/kit/folder.ts'
import { importOpenApi } from '../../server/kit/openapi/import.ts'
import { ROOT } from '../support/house.ts'

const harbor = (): Record<string, unknown> =>
  parse(readFileSync(join(ROOT, 'test/fixtures/openapi/harbor.yaml'), 'utf8')) as Record<string, unknown>
const target = targetOf('definitions', 'harbor')
const made = importOpenApi(harbor(), target)
const textOf = (path: string): string => made.files.get(path) ?? ''
const main = parse(textOf('integration.yaml')) as Record<string, unknown>
type Methods = Readonly<Record<string, Readonly<Record<string, unknown>>>>
const methodsOf = (resource: string): Methods =>
  (parse(textOf(`resources/${resource}.yaml`)) as { methods: Methods }).methods

describe('an OpenAPI document taken over', () => {
  it('passes the check, with an operation for every endpoint that can be said', async () => {
    expect((await checkFiles(target, made.files)).issues).toEqual([])
    expect(made.operations.map(({ id }) => id)).toEqual([
      'customers.list',
      'customers.create',
      'customers.get',
      'customers.update',
      'customers.delete',
      'customers.search',
      'payments.list',
      'payments.create',
      'payments.get',
      'payments.capture',
      'payment_refunds.list',
      'events.list',
      'report_file.get',
      'files.create',
    ])
  })

  it('says what is left out, and why', () => {
    expect(made.leftOut.map(({ what }) => what).sort()).toEqual([
      'HEAD /customers/{customer_id}',
      'POST /feeds',
      'cookie session of GET /customers',
      'other.yaml#/File',
      'security scheme certificate',
      'server https://sandbox.harbor.test/v1',
      'webhook ship.arrived',
    ])
    expect(made.leftOut.every(({ why }) => why !== '')).toBe(true)
    expect(made.nestedMembers).toBe(2)
  })

  it('copies facts and no sentence', () => {
    for (const text of made.files.values()) expect(text).not.toMatch(/Words|nobody may copy|Between 1/)
    expect(methodsOf('customers').create?.parameters).toEqual({
      name: { in: 'body', required: true, max_length: 80 },
      email: { in: 'body', 'x-pii': 'email' },
      kind: { in: 'body', enum: ['person', 'company'] },
      address: { in: 'body', type: 'object', 'x-pii': 'address' },
    })
    expect(parse(textOf('resources/payments.yaml'))).toMatchObject({
      tags: ['Money'],
      fields: { status: { type: 'string', enum: ['open', 'paid', 'failed'] } },
    })
  })

  it('marks each guess with what made it', () => {
    expect(textOf('resources/payments.yaml')).toContain(
      '# guess: create of payments is named like a movement of money and has `amount`\n    effect: money',
    )
    expect(textOf('integration.yaml')).toMatch(
      /# guess: the parameter `cursor` and `cursor` in the answer, as in \d of \d lists/,
    )
    expect(made.guesses).toBe([...made.files.values()].join('').match(/# guess: /g)?.length)
  })

  it('guesses hosts, auth, version and the key of writes', () => {
    expect(main).toMatchObject({
      name: 'harbor',
      label: 'Harbor',
      hosts: {
        default: { url: 'https://{{ $connection.site }}.harbor.test/v1', suffix: '.harbor.test' },
        files: { url: 'https://files.harbor.test' },
        login: { url: 'https://login.harbor.test' },
      },
      settings: { site: { options: ['north', 'south'] } },
      api_version: { value: '2026-01-01', header: 'Harbor-Version' },
      auth: { methods: { key: { type: 'api_key', in: 'header', name: 'X-Harbor-Key' }, sign_in: { type: 'oauth2' } } },
      idempotency: { in: 'header', name: 'Idempotency-Key' },
      failure: { message: '$response.errors[0].detail', code: '$response.errors[0].code' },
    })
    expect(methodsOf('files').create).toMatchObject({ host: 'files', request: { body: 'multipart' } })
  })

  it('guesses paging, where records are, and what lists leave out', () => {
    const { list, search, get } = methodsOf('customers')
    const own = { strategy: 'token', param: 'cursor', next: 'cursor' }
    expect([main.pagination, list?.pagination]).toContainEqual({
      ...own,
      limit: { param: 'limit', max: 250, default: 25 },
    })
    expect(search).toMatchObject({ effect: 'read', pagination: { ...own, in: 'body' } })
    expect(list?.complete).toMatchObject({ include: { state: { const: 'all' } } })
    expect(list?.parameters).toMatchObject({ state: { in: 'query', enum: ['active', 'gone', 'all'] } })
    expect(get?.response).toEqual({ record: 'customer' })
    expect(methodsOf('payments').list?.pagination).toEqual({
      strategy: 'page',
      param: 'page',
      total: 'meta.total_pages',
      limit: { param: 'per_page', max: 50 },
    })
    expect(methodsOf('payment_refunds').list).toMatchObject({
      path: '/payments/{{ $path.payment_id }}/refunds',
      pagination: { strategy: 'offset', param: 'skip' },
      response: { records: '$response' },
    })
    expect(methodsOf('events').list?.pagination).toEqual({ strategy: 'link' })
    expect(methodsOf('report_file').get?.response).toEqual({ format: 'csv' })
    expect(methodsOf('customers').delete).toMatchObject({ deprecated: true, response: { format: 'none' } })
  })

  it('guesses effects; what moves money names the amount', () => {
    const { create, capture } = methodsOf('payments')
    expect([create?.effect, create?.amount, create?.currency]).toEqual(['money', '$body.amount', '$body.currency'])
    expect([capture?.effect, capture?.path]).toEqual(['money', '/payments/{{ $path.id }}/capture'])
  })

  it('takes a selection by tag and path, and counts what it leaves', () => {
    const money = importOpenApi(harbor(), target, { tags: ['Money'], paths: ['/payments/{id}'] })
    expect(money.operations.map(({ id }) => id)).toEqual(['payments.get', 'payments.capture'])
    expect(money.leftOut.filter(({ why }) => why === 'it was not selected')).toHaveLength(13)
    expect(() => importOpenApi(harbor(), target, { tags: ['Monney'] })).toThrow(/No endpoint is selected/)
  })
})

describe('other documents', () => {
  /** A list endpoint with these parameters and members of its answer. */
  const paged = (parameters: readonly string[], properties: object, more: object = {}) => {
    const answer = { properties: { data: { type: 'array', items: { type: 'object' } }, ...properties } }
    const get = {
      parameters: parameters.map((name) => ({ name, in: 'query', schema: { type: 'string' } })),
      responses: { 200: { content: { 'application/json': { schema: answer } } } },
    }
    const document = {
      openapi: '3.0.3',
      info: { title: 'Acme', version: '1' },
      servers: [{ url: 'https://acme.test' }],
      paths: { '/things': { get } },
      ...more,
    }
    const files = importOpenApi(document, targetOf('definitions', 'acme')).files
    return (parse(files.get('integration.yaml') ?? '') as { pagination: object }).pagination
  }

  it.each([
    [
      'keys of records',
      ['starting_after', 'limit'],
      { has_more: { type: 'boolean' } },
      { strategy: 'cursor', after: 'starting_after' },
    ],
    [
      'a token',
      ['page_token'],
      { next_page_token: { type: 'string' } },
      { strategy: 'token', param: 'page_token', next: 'next_page_token' },
    ],
    [
      'an offset that is a token',
      ['offset'],
      { next_offset: { type: 'string' } },
      { strategy: 'token', param: 'offset', next: 'next_offset' },
    ],
    [
      'cursors in meta',
      ['after', 'before'],
      { meta: { properties: { cursors: { properties: { after: { type: 'string' } } } } } },
      { strategy: 'token', next: 'meta.cursors.after' },
    ],
    [
      'a link in HAL',
      ['from'],
      { _links: { properties: { next: { properties: { href: { type: 'string' } } } } } },
      { strategy: 'next_url', next: '_links.next.href' },
    ],
    [
      'a list of links',
      ['page'],
      { links: { type: 'array', items: { properties: { href: { type: 'string' }, rel: { type: 'string' } } } } },
      { strategy: 'next_url', next: "links[rel='next'].href" },
    ],
    [
      'a path to the next page',
      ['cursor'],
      { next: { type: 'string' }, has_more: { type: 'boolean' } },
      { strategy: 'next_url', next: 'next' },
    ],
    ['nothing', [], {}, { strategy: 'none' }],
  ])('pages by %s', (_name, parameters, properties, expected) => {
    expect(paged(parameters, properties)).toMatchObject(expected)
  })

  it('refuses what is no OpenAPI document of version 3', () => {
    for (const data of [null, [], {}, { swagger: '2.0', paths: {} }, { openapi: '4.0.0', paths: {} }]) {
      expect(() => importOpenApi(data, target)).toThrow(/no OpenAPI document|of version 2\.0/)
    }
  })

  it('wants an address where the document has none', () => {
    const document = { ...harbor(), servers: [{ url: '/v1' }] }
    expect(() => importOpenApi(document, target)).toThrow(/no server with an absolute URL/)
    const given = importOpenApi(document, target, { baseUrl: 'https://given.test/v1' })
    expect(given.files.get('integration.yaml')).toContain('https://given.test/v1')
  })

  it('takes the outermost list for the records, and no number for what an entry wraps', () => {
    const ofObjects = (properties: object) => ({ type: 'array', items: { type: 'object', properties } })
    const get = (properties: object) => ({
      get: { responses: { 200: { content: { 'application/json': { schema: { type: 'object', properties } } } } } },
    })
    const balances = ofObjects({ currency: { type: 'string' }, balance: { type: 'integer' } })
    const invoices = ofObjects({ invoice: { type: 'object', properties: { id: { type: 'string' } } } })
    const notes = { properties: { loads: ofObjects({ note: { type: 'string' } }) } }
    const document = {
      openapi: '3.0.0',
      info: {},
      servers: [{ url: 'https://acme.test' }],
      paths: {
        '/balance': get({ data: balances }),
        '/invoices': get({ data: invoices }),
        '/loads': get({ data: notes, loads: ofObjects({ id: { type: 'string' } }) }),
      },
    }
    const { files } = importOpenApi(document, target)
    const shared = parse(files.get('integration.yaml') ?? '') as { response: { records: string } }
    const recordsOf = (resource: string): string => {
      const { methods } = parse(files.get(`resources/${resource}.yaml`) ?? '') as {
        methods: { list: { response?: { records: string } } }
      }
      return methods.list.response?.records ?? shared.response.records
    }
    expect(['balance', 'invoices', 'loads'].map(recordsOf)).toEqual(['data', 'data.invoice', 'loads'])
  })

  it('bears schemas that hold themselves', () => {
    const node: Record<string, unknown> = {
      type: 'object',
      allOf: [{ $ref: '#/components/schemas/Node' }],
      properties: { next: { $ref: '#/components/schemas/Node' } },
    }
    const schema = { $ref: '#/components/schemas/Node' }
    const get = { responses: { 200: { content: { 'application/json': { schema } } } } }
    const document = {
      openapi: '3.0.0',
      info: {},
      servers: [{ url: 'https://acme.test' }],
      paths: { '/nodes/{id}': { get } },
      components: { schemas: { Node: node } },
    }
    expect(importOpenApi(document, target).operations).toHaveLength(1)
  })
})

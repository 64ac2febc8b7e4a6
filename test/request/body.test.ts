import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RequestRules } from '../../engine/definition/catalog.ts'
import { encodeBody } from '../../engine/request/body.ts'
import { requestRules } from '../support/acme.ts'
import { decodeBrackets, wirePairs } from './decode.ts'

const textOf = (body: unknown, rules: Partial<RequestRules>): string | undefined => {
  const encoded = encodeBody(body, requestRules(rules))
  return encoded === undefined ? undefined : Buffer.from(encoded.body).toString('utf8')
}

const formOf = (body: unknown, rules: Partial<RequestRules> = {}): string[] =>
  wirePairs(textOf(body, { body: 'form', ...rules }) ?? '').map(([name, value]) => `${name}=${value}`)

const codeOf = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
  return 'nothing thrown'
}

const NESTED = {
  amount: 500,
  live: true,
  tags: ['a', 'b'],
  items: [{ price: 'p1', quantity: 1 }, { price: 'p2' }],
  address: { city: 'Köln', lines: ['x'] },
}

describe('form bodies', () => {
  it('brackets: lists of scalars without, lists of objects with an index', () => {
    expect(formOf(NESTED, { form: 'brackets' })).toEqual([
      'amount=500',
      'live=true',
      'tags[]=a',
      'tags[]=b',
      'items[0][price]=p1',
      'items[0][quantity]=1',
      'items[1][price]=p2',
      'address[city]=Köln',
      'address[lines][]=x',
    ])
  })

  it('indexed: every list with an index', () => {
    expect(formOf({ tags: ['a', 'b'], items: [{ price: 'p1' }] }, { form: 'indexed' })).toEqual([
      'tags[0]=a',
      'tags[1]=b',
      'items[0][price]=p1',
    ])
  })

  it('columnar: objects in lists by column, rows keep their index', () => {
    expect(formOf(NESTED, { form: 'columnar' })).toEqual([
      'amount=500',
      'live=true',
      'tags[0]=a',
      'tags[1]=b',
      'items[price][0]=p1',
      'items[price][1]=p2',
      'items[quantity][0]=1',
      'address[city]=Köln',
      'address[lines][0]=x',
    ])
  })

  it('json: what is nested is JSON text', () => {
    expect(formOf(NESTED, { form: 'json' })).toEqual([
      'amount=500',
      'live=true',
      'tags=["a","b"]',
      `items=${JSON.stringify(NESTED.items)}`,
      `address=${JSON.stringify(NESTED.address)}`,
    ])
  })

  it('json_fields carry JSON text whatever the style, also below others', () => {
    const body = { meta_data: { a: [1] }, items: [{ meta: { b: 1 } }] }
    const jsonFields = new Set(['meta_data', 'items.meta'])
    expect(formOf(body, { form: 'indexed', jsonFields })).toEqual(['meta_data={"a":[1]}', 'items[0][meta]={"b":1}'])
    expect(formOf(body, { form: 'columnar', jsonFields })).toEqual(['meta_data={"a":[1]}', 'items[meta][0]={"b":1}'])
  })

  it.each([
    ['empty', ['a=', 'c[0]=1', 'c[1]=']],
    ['null', ['a=null', 'c[0]=1', 'c[1]=null']],
    ['omit', ['c[0]=1']],
  ] as const)('null is written as %s', (nulls, wanted) => {
    expect(formOf({ a: null, b: undefined, c: [1, null] }, { nulls })).toEqual(wanted)
  })

  it('an empty list is an empty value, an empty object has no field', () => {
    expect(formOf({ tags: [], metadata: {} })).toEqual(['tags='])
    expect(formOf({ tags: [] }, { nulls: 'omit' })).toEqual([])
  })

  it('percent-encodes names and values so that nothing can start another field', () => {
    expect(textOf({ 'a&b': 'c=d&e f+g' }, { body: 'form' })).toBe('a%26b=c%3Dd%26e%20f%2Bg')
  })

  it.each(['brackets', 'indexed'] as const)('%s round trips any nesting', (form) => {
    const key = fc.string({ minLength: 1, unit: fc.constantFrom('a', 'b', 'é', '&', '=', ' ', '%', '+', '.') })
    const named = (value: fc.Arbitrary<unknown>) =>
      fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 3 }).map((pairs) => Object.fromEntries(pairs))
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.string({ unit: 'binary' }),
      tree: fc.oneof(
        { maxDepth: 3 },
        tie('leaf'),
        fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
        named(tie('tree')),
      ),
    }))
    fc.assert(
      fc.property(named(tree), (body) => {
        const text = textOf(body, { body: 'form', form }) ?? ''
        expect(text).toMatch(/^[\x21-\x7e]*$/)
        expect(decodeBrackets(wirePairs(text))).toEqual(body)
      }),
      { numRuns: 300 },
    )
  })

  it('refuses what has no text', () => {
    expect(codeOf(() => formOf({ a: Number.NaN }))).toBe('invalid_parameter')
    expect(codeOf(() => formOf({ a: '\ud800' }))).toBe('invalid_parameter')
    expect(codeOf(() => formOf({ a: new Uint8Array(1) }))).toBe('invalid_parameter')
    expect(codeOf(() => formOf('text'))).toBe('invalid_body')
    expect(codeOf(() => formOf([1]))).toBe('invalid_body')
  })
})

describe('JSON bodies', () => {
  it.each([
    ['null', '{"a":null,"b":{"c":null},"d":[null,1]}'],
    ['omit', '{"b":{},"d":[null,1]}'],
    ['empty', '{"a":"","b":{"c":""},"d":[null,1]}'],
  ] as const)('null is written as %s; lists keep their length', (nulls, wanted) => {
    expect(textOf({ a: null, b: { c: null }, d: [null, 1] }, { nulls })).toBe(wanted)
  })

  it('constants are set below dots and win; the envelope wraps it all', () => {
    const rules = { constants: { 'source.kind': 'api', fixed: 1 }, envelope: 'customer' }
    const body = { name: 'Ada', source: { kind: 'x', id: 7 }, fixed: 2 }
    expect(JSON.parse(textOf(body, rules) ?? '')).toEqual({
      customer: { name: 'Ada', source: { kind: 'api', id: 7 }, fixed: 1 },
    })
    expect(body.source.kind).toBe('x')
  })

  it('constants make a body where there is none; without them there is none', () => {
    expect(textOf(undefined, { constants: { a: 1 } })).toBe('{"a":1}')
    expect(textOf(undefined, {})).toBeUndefined()
    expect(encodeBody({ a: 1 }, requestRules())?.contentType).toBe('application/json')
  })

  it('__proto__ is a name like any other', () => {
    const body: unknown = JSON.parse('{"__proto__":{"a":null},"b":null}')
    expect(textOf(body, { nulls: 'omit' })).toBe('{"__proto__":{}}')
    expect(textOf({}, { constants: { '__proto__.x': 1 } })).toBe('{"__proto__":{"x":1}}')
    expect(({} as { x?: number }).x).toBeUndefined()
  })
})

describe('other bodies', () => {
  const file = { filename: 'a"b\r\n.csv', contentType: 'text/csv', data: Buffer.from([0, 255, 13, 10, 45, 45]) }

  it('multipart: fields in form style, files with name, type and bytes; read back by a standard reader', async () => {
    const encoded = encodeBody({ purpose: 'proof', meta: { a: 1 }, file }, requestRules({ body: 'multipart' }))
    const response = new Response(Buffer.from(encoded?.body ?? []), {
      headers: { 'content-type': encoded?.contentType ?? '' },
    })
    const form = await response.formData()
    expect([...form.keys()]).toEqual(['purpose', 'meta[a]', 'file'])
    expect(form.get('meta[a]')).toBe('1')
    const read = form.get('file') as File
    expect([read.type, decodeURIComponent(read.name)]).toEqual(['text/csv', 'a"b\r\n.csv'])
    expect(Buffer.from(await read.arrayBuffer())).toEqual(file.data)
  })

  it('multipart: the same input gives the same bytes; a boundary depends on the content', () => {
    const one = encodeBody({ file }, requestRules({ body: 'multipart' }))
    const boundary = /boundary=(.+)$/.exec(one?.contentType ?? '')?.[1] ?? ''
    const hostile = { ...file, data: Buffer.from(`\r\n--${boundary}--\r\n`) }
    expect(encodeBody({ file }, requestRules({ body: 'multipart' }))).toEqual(one)
    expect(encodeBody({ file: hostile }, requestRules({ body: 'multipart' }))?.contentType).not.toContain(boundary)
  })

  it('multipart: a media type cannot carry another header', () => {
    const bad = { ...file, contentType: 'text/csv\r\nX-Evil: 1' }
    expect(codeOf(() => encodeBody({ file: bad }, requestRules({ body: 'multipart' })))).toBe('invalid_parameter')
  })

  it('raw: bytes, text or a file as they are', () => {
    const rules = requestRules({ body: 'raw', constants: { a: 1 } })
    expect(encodeBody(file.data, rules)).toEqual({ body: file.data, contentType: 'application/octet-stream' })
    expect(encodeBody('é', rules)?.body).toEqual(Buffer.from('é'))
    expect(encodeBody(file, rules)).toEqual({ body: file.data, contentType: 'text/csv' })
    expect(codeOf(() => encodeBody({ a: 1 }, rules))).toBe('invalid_body')
  })

  it('none: a body is refused, not dropped', () => {
    expect(encodeBody({}, requestRules({ body: 'none' }))).toBeUndefined()
    expect(codeOf(() => encodeBody({ a: 1 }, requestRules({ body: 'none' })))).toBe('invalid_body')
  })
})

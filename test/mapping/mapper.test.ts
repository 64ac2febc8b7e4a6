import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FieldSpec, JsonSchema, ModelResource, ResourceMapping } from '../../engine/definition/catalog.ts'
import { evaluationCounts } from '../../engine/expression/index.ts'
import { createMapper, joinId, type MapContext, type MapItem, splitId } from '../../engine/mapping/index.ts'
import { expression } from '../support/acme.ts'
import { failureOf } from '../support/code-of.ts'
import { compileShop, shopResource } from '../support/shop.ts'

const catalog = compileShop()
const customers = shopResource(catalog, 'customers')
const payments = shopResource(catalog, 'payments')
const SCOPE = ['parent', 'lookup', 'account', 'api_version', 'source', 'response', 'item', 'index']

const BASE = { layer: 'platform' as const, address: undefined }
const field = (source: string): FieldSpec => ({
  ...BASE,
  kind: 'expression',
  expression: expression(source, SCOPE),
  nullReason: undefined,
})

const mappingOf = (fields: Record<string, FieldSpec>, extra: Partial<ResourceMapping> = {}): ResourceMapping => ({
  model: 'shop',
  resource: 'customers',
  integration: 'acme',
  idParts: undefined,
  list: undefined,
  get: undefined,
  writes: new Map(),
  filters: new Map(),
  expand: new Map(),
  lookups: new Map(),
  fields: new Map(Object.entries({ id: field('id'), ...fields })),
  variants: [],
  cannot: new Map(),
  absent: new Map(),
  address: { file: 'acme.yaml', line: 1, column: 1 },
  ...extra,
})

const context = (extra: Partial<MapContext> = {}): MapContext => ({
  provider: 'acme',
  accountId: 'acc_1',
  tenantId: null,
  livemode: true,
  apiVersion: null,
  observedAt: '2026-01-01T00:00:00Z',
  account: { traits: { eu: true } },
  remoteData: false,
  secretNames: new Map(),
  withoutSecrets: (native) => native,
  explain: false,
  ...extra,
})

function map(
  mapping: ResourceMapping,
  natives: unknown[],
  given: { context?: Partial<MapContext>; resource?: ModelResource; fields?: string[]; item?: Partial<MapItem> } = {},
) {
  const mapper = createMapper(mapping, given.resource ?? customers, { fields: given.fields })
  return mapper.page(
    natives.map((native) => ({ native, ...given.item })),
    context(given.context),
  )
}

describe('composite ids', () => {
  it('come apart as they were put together, whatever the parts hold', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 2, maxLength: 4 }), (parts) => {
        const names = parts.map((_, at) => `p${at}`)
        const id = joinId(parts)
        expect(id).toMatch(/^[^/?#]+$/)
        expect(splitId(id, names)).toEqual(Object.fromEntries(names.map((name, at) => [name, parts[at]])))
      }),
    )
  })

  it('with another number of parts, an empty part or a broken escape are none', () => {
    for (const id of ['a', 'a~b~c', '~b', 'a~', 'a~%zz']) expect(splitId(id, ['x', 'y'])).toBeUndefined()
  })
})

describe('fields', () => {
  it('a single value becomes a list where the model has a list; missing is null, empty stays empty', () => {
    const mapped = map(mappingOf({ tags: field('words.text') }), [
      { id: '1', words: [{ text: 'a' }] },
      { id: '2', words: [{ text: 'a' }, { text: 'b' }] },
      { id: '3' },
    ])
    expect(mapped.map(({ record }) => record.tags)).toEqual([['a'], ['a', 'b'], null])
    expect(map(mappingOf({ tags: field('words') }), [{ id: '1', words: [] }])[0]?.record.tags).toEqual([])
  })

  it('dotted fields nest beside an object of their own, and an object of nulls is null', () => {
    const mapping = mappingOf({ address: field('place'), 'address.country': field('code') })
    const mapped = map(mapping, [{ id: '1', place: { city: 'Rome' }, code: 'IT' }, { id: '2' }])
    expect(mapped.map(({ record }) => record.address)).toEqual([{ city: 'Rome', country: 'IT' }, null])
  })

  it('one that throws costs only itself', () => {
    const [mapped] = map(mappingOf({ name: field('$number(word)'), email: field('mail') }), [
      { id: '1', word: 'x', mail: 'a@b.c' },
    ])
    expect(mapped?.record).toMatchObject({ name: null, email: 'a@b.c' })
    expect(mapped?.fieldErrors).toEqual([{ field: 'name', raw: 'x', reason: expect.any(String) }])
  })

  it('one that throws for a whole page is asked for its reason a few times only', () => {
    const mapping = mappingOf({ name: field('$number(word)'), email: field('mail') })
    const natives = Array.from({ length: 50 }, (_, at) => ({ id: String(at), word: 'x', mail: 'a@b.c' }))
    const before = evaluationCounts().interpreted
    const mapped = map(mapping, natives)
    expect(evaluationCounts().interpreted - before).toBe(3)
    expect(mapped.every(({ record }) => record.name === null && record.email === 'a@b.c')).toBe(true)
    const reasons = mapped.map(({ fieldErrors }) => fieldErrors.map(({ field: name, reason }) => `${name}: ${reason}`))
    expect(reasons.slice(0, 3).flat()).toEqual(Array(3).fill(expect.stringContaining('name: `$number(word)`')))
    expect(reasons.slice(3).flat()).toEqual(Array(47).fill(expect.stringContaining('failures of this answer tell why')))
    const explained = map(mapping, natives, { context: { explain: true } })
    expect(explained.every(({ fieldErrors }) => fieldErrors[0]?.reason.includes('$number'))).toBe(true)
  })

  it('where a part that may not be null does not fit, the object around it is null', () => {
    const [mapped] = map(
      mappingOf({ 'customer.id': field('who'), 'customer.email': field('mail') }),
      [{ id: '1', who: 5, mail: 'a@b.c' }],
      { resource: payments },
    )
    expect(mapped?.record.customer).toBeNull()
    expect(mapped?.fieldErrors).toMatchObject([{ field: 'customer.id', raw: 5 }])
  })

  it('what the model does not have is taken out and reported', () => {
    const [mapped] = map(mappingOf({ address: field('place') }), [{ id: '1', place: { city: 'Rome', street: 'x' } }])
    expect(mapped?.record.address).toEqual({ city: 'Rome', country: null })
    expect(mapped?.fieldErrors).toEqual([{ field: 'address.street', raw: 'x', reason: 'is not a field of the model' }])
  })

  it('strict throws instead; a record without id always does', async () => {
    const mapping = mappingOf({ points: field('p') })
    const work = (native: object, extra = {}) =>
      failureOf(Promise.resolve().then(() => map(mapping, [native], { context: extra })))
    expect(await work({ id: '1', p: 'x' }, { strict: true })).toMatchObject({ code: 'definition_invalid' })
    expect(await work({ p: 1 })).toMatchObject({ code: 'provider_bad_response' })
  })

  it('numbers become ids as text', () => {
    expect(map(mappingOf({}), [{ id: 42 }])[0]?.record.id).toBe('42')
  })
})

describe('variants', () => {
  it('are laid over in order where they hold, replacing what lies below a field', () => {
    const variants = [
      {
        name: 'a',
        when: expression('kind != 0', SCOPE),
        fields: new Map([
          ['name', field("'first'")],
          ['address', field('other')],
        ]),
      },
      {
        name: 'b',
        when: expression("kind = 2 and $account.traits.eu and $source = 'x'", SCOPE),
        fields: new Map([['name', field("'second'")]]),
      },
    ]
    const mapping = mappingOf({ name: field("'base'"), 'address.country': field("'IT'") }, { variants })
    const mapped = map(
      mapping,
      [0, 1, 2].map((kind) => ({ id: `${kind}`, kind, other: { city: 'Rome' } })),
      { item: { source: 'x' } },
    )
    expect(mapped.map(({ record }) => [record.name, record.address])).toEqual([
      ['base', { city: null, country: 'IT' }],
      ['first', { city: 'Rome', country: null }],
      ['second', { city: 'Rome', country: null }],
    ])
  })
})

describe('what is asked for', () => {
  it('evaluates only the fields wanted and names the lookups they read', () => {
    const mapping = mappingOf({ name: field('$lookup.who.name'), email: field('$number(word)') })
    expect([...createMapper(mapping, customers, { fields: undefined }).lookups]).toEqual(['who'])
    expect([...createMapper(mapping, customers, { fields: ['email'] }).lookups]).toEqual([])
    const [mapped] = map(mapping, [{ id: '1', word: 'x' }], {
      fields: ['id', 'name'],
      item: { lookup: { who: { name: 'Ada' } } },
    })
    expect(mapped).toMatchObject({ record: { name: 'Ada', email: null }, fieldErrors: [] })
  })

  it('shows no secret in an explanation or a refused value', () => {
    const mapping = mappingOf({ points: field('token'), name: field('deep.token') })
    const secret = {
      secretNames: new Map([['token', false]]),
      withoutSecrets: () => ({}),
      explain: true,
      remoteData: true,
    }
    const [mapped] = map(mapping, [{ id: '1', token: 'tok_1', deep: { token: ['tok_2'] } }], { context: secret })
    expect(mapped?.fieldErrors).toMatchObject([
      { field: 'name', raw: ['[secret]'] },
      { field: 'points', raw: '[secret]' },
    ])
    expect(JSON.stringify(mapped)).not.toMatch(/tok_/)
  })
})

describe('every property of the model', () => {
  it('is there, whatever was mapped', () => {
    const names = Object.keys((customers.schema as { properties: Record<string, JsonSchema> }).properties)
    const [mapped] = map(mappingOf({}), [{ id: '1' }])
    expect(Object.keys(mapped?.record ?? {}).sort()).toEqual([...names].sort())
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../../engine/errors.ts'
import { parseUnifiedQuery } from '../../engine/query/index.ts'
import { compileShop, shopResource } from '../support/shop.ts'

const catalog = compileShop()
const customers = shopResource(catalog, 'customers')
const payments = shopResource(catalog, 'payments')

const parse = (query: string, resource = customers, options = {}) =>
  parseUnifiedQuery(new URLSearchParams(query), resource, options)

function failure(query: string, options = {}): EngineError {
  try {
    parse(query, customers, options)
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error(`${query} was accepted`)
}

describe('the query grammar', () => {
  it('has defaults', () => {
    expect(parse('')).toEqual({
      filters: [],
      sort: undefined,
      limit: 20,
      cursor: undefined,
      fields: undefined,
      excludeFields: undefined,
      expand: [],
      remoteData: false,
      explain: false,
      format: 'unified',
      timezone: 'UTC',
      filterModes: undefined,
    })
  })

  it('reads every kind of parameter', () => {
    const query =
      'limit=1000&sort=-created_at&next_cursor=abc&fields=id,address.city&exclude_fields=phones.number&expand=payments'
    expect(
      parse(`${query}&remote_data=true&explain=true&format=debug&timezone=Asia/Tokyo&filter_mode=native,scan`),
    ).toMatchObject({
      limit: 1000,
      sort: { field: 'created_at', descending: true },
      cursor: 'abc',
      fields: ['id', 'address.city'],
      excludeFields: ['phones.number'],
      expand: ['payments'],
      remoteData: true,
      explain: true,
      format: 'debug',
      timezone: 'Asia/Tokyo',
      filterModes: ['native', 'scan'],
    })
    expect(
      parse(
        'truto_ignore_remote_data=false&truto_exclude_fields=name&truto_response_format=normalized&truto_key_by=id',
      ),
    ).toMatchObject({
      remoteData: true,
      excludeFields: ['name'],
      format: 'unified',
      keyBy: 'id',
    })
    expect(parse('fields=metadata.anything,custom_fields.a.b').fields).toEqual([
      'metadata.anything',
      'custom_fields.a.b',
    ])
  })

  it('reads filters: operators, lists, keys, types', () => {
    expect(
      parse('email=a@b.c&id[in]=x, y&points[gte]=010&is_vip=true&metadata[order]=7&points[exists]=false').filters,
    ).toEqual([
      { field: 'email', op: 'eq', value: 'a@b.c' },
      { field: 'id', op: 'in', value: 'x,y' },
      { field: 'points', op: 'gte', value: '10' },
      { field: 'is_vip', op: 'eq', value: 'true' },
      { field: 'metadata', op: 'eq', value: '7', key: 'order' },
      { field: 'points', op: 'exists', value: 'false' },
    ])
  })

  it('reads instants with any offset, and dates as days of a zone', () => {
    const at = (query: string) => parse(query).filters.map(({ op, value }) => [op, value])
    expect(at('created_at[gte]=2026-01-31T09:30:00%2B02:00')).toEqual([['gte', '2026-01-31T07:30:00Z']])
    expect(at('created_at[lt]=2026-01-31T09:30:00.25Z')).toEqual([['lt', '2026-01-31T09:30:00.250Z']])
    expect(at('created_at[gte]=2026-03-29&timezone=Europe/Berlin')).toEqual([['gte', '2026-03-28T23:00:00Z']])
    expect(at('created_at[gt]=2026-03-29&timezone=Europe/Berlin')).toEqual([['gte', '2026-03-29T22:00:00Z']])
    expect(at('created_at[lte]=2026-10-25&timezone=America/New_York')).toEqual([['lt', '2026-10-26T04:00:00Z']])
    expect(at('created_at[lt]=2026-01-01')).toEqual([['lt', '2026-01-01T00:00:00Z']])
  })

  it.each([
    ['colour=red', 'unknown_filter', 'colour', 'email'],
    ['email[gt]=a', 'unknown_filter', 'email[gt]', 'eq'],
    ['email[xx]=a', 'unknown_filter', 'email[xx]', 'eq'],
    ['points=many', 'invalid_parameter', 'points', undefined],
    ['points=9007199254740993', 'invalid_parameter', 'points', undefined],
    ['is_vip=1', 'invalid_parameter', 'is_vip', 'true'],
    ['created_at[gte]=yesterday', 'invalid_parameter', 'created_at[gte]', undefined],
    ['created_at[gte]=2026-02-30', 'invalid_parameter', 'created_at[gte]', undefined],
    ['created_at[gte]=2026-02-30T00:00:00Z', 'invalid_parameter', 'created_at[gte]', undefined],
    ['status=gone', 'invalid_parameter', 'status', 'active'],
    ['id[in]=a,,b', 'invalid_parameter', 'id[in]', undefined],
    ['metadata=7', 'invalid_parameter', 'metadata', undefined],
    ['email=', 'invalid_parameter', 'email', undefined],
    ['email=a&email=b', 'invalid_parameter', 'email', undefined],
    ['limit=0', 'invalid_parameter', 'limit', undefined],
    ['limit=1001', 'invalid_parameter', 'limit', undefined],
    ['limit=1e2', 'invalid_parameter', 'limit', undefined],
    ['fields=id,nmae', 'unknown_field', 'fields', 'name'],
    ['fields=address.street', 'unknown_field', 'fields', 'city'],
    ['sort=-nope', 'unknown_field', 'sort', 'name'],
    ['expand=nope', 'invalid_parameter', 'expand', 'payments'],
    ['explain=yes', 'invalid_parameter', 'explain', 'true'],
    ['format=xml', 'invalid_parameter', 'format', 'raw'],
    ['timezone=Mars/Base', 'invalid_parameter', 'timezone', undefined],
    ['filter_mode=guess', 'invalid_parameter', 'filter_mode', 'scan'],
    ['next_cursor=a&prev_cursor=b', 'invalid_parameter', 'prev_cursor', undefined],
  ])('%s is %s at %s', (query, code, where, valid) => {
    const error = failure(query)
    expect({ code: error.code, where: error.details.where }).toEqual({ code, where })
    if (valid !== undefined) expect(error.details.valid).toContain(valid)
  })

  it('takes list parameters on lists only, and passes over those of the surface', () => {
    expect(failure('limit=3', { method: 'get' })).toMatchObject({
      code: 'unknown_parameter',
      details: { valid: expect.arrayContaining(['fields']) },
    })
    expect(failure('email=a@b.c', { method: 'create' }).code).toBe('unknown_parameter')
    expect(parse('integrated_account_id=a&on_limit=fail&fields=id', customers, { method: 'get' }).fields).toEqual([
      'id',
    ])
  })

  it('never throws anything but a coded error with an address', () => {
    const word = fc.constantFrom(
      'email',
      'metadata',
      'created_at',
      'limit',
      'sort',
      '[gt]',
      '[',
      ']',
      '[in]',
      '__proto__',
      'fields',
      'a.b',
      '-',
      ',',
    )
    const name = fc.array(word, { maxLength: 4 }).map((words) => words.join(''))
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), (pairs) => {
        try {
          parseUnifiedQuery(pairs, payments)
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError)
          expect((error as EngineError).details.where).toBeTypeOf('string')
        }
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { type Catalog, compileCatalog, renderIssues, runCases, type SourceFile } from '../../engine/index.ts'
import { baseFiles, changed, modelFiles, quarryFiles } from './support.ts'

function compile(files: readonly SourceFile[]): Catalog {
  const { catalog, issues } = compileCatalog(files)
  if (catalog === undefined) throw new Error(renderIssues(issues))
  return catalog
}

const INTEGRATION = 'integrations/acme/integration.yaml'
const PEOPLE = 'integrations/acme/resources/people.yaml'

describe('a good definition', () => {
  it('of an unlike shape has no issue and its cases hold', async () => {
    const files = [...modelFiles(), ...quarryFiles()]
    const { catalog, issues } = compileCatalog(files)
    expect(renderIssues(issues)).toBe('')
    expect(catalog?.integrations.get('quarry')?.isExtra).toBe(true)
    expect(await runCases(catalog!, files)).toEqual({ count: 8, issues: [] })
  })

  it('has the same hash whatever the order of its files, and another after any change', () => {
    const files = baseFiles()
    const { hash } = compile(files)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(compile([...files].reverse()).hash).toBe(hash)
    expect(compile(changed(files, [{ file: INTEGRATION, from: 'label: Acme', to: 'label: Acme Pay' }])).hash).not.toBe(
      hash,
    )
  })
})

describe('a catalog', () => {
  const catalog = [compile(baseFiles()), compile([...modelFiles(), ...quarryFiles()])]

  /** Every object that can be reached, maps and sets included. */
  function reach(value: unknown, path: string, seen: Map<object, string>): Map<object, string> {
    if (typeof value !== 'object' || value === null || seen.has(value)) return seen
    seen.set(value, path)
    if (value instanceof Map) for (const [key, each] of value) reach(each, `${path}/${String(key)}`, seen)
    for (const [key, each] of Object.entries(value)) reach(each, `${path}/${key}`, seen)
    return seen
  }

  const reachAll = () => catalog.reduce((seen, each) => reach(each, '', seen), new Map<object, string>())

  it('is frozen to its last part', () => {
    const all = reachAll()
    expect(all.size).toBeGreaterThan(1000)
    expect([...all].filter(([value]) => !Object.isFrozen(value)).map(([, path]) => path)).toEqual([])
  })

  it('has maps and sets that refuse every change', () => {
    const all = [...reachAll().keys()]
    const maps = all.filter((value) => value instanceof Map) as Map<unknown, unknown>[]
    const sets = all.filter((value) => value instanceof Set) as Set<unknown>[]
    expect(maps.length).toBeGreaterThan(50)
    expect(sets.length).toBeGreaterThan(10)
    for (const map of maps) {
      expect(() => map.set('x', 1)).toThrow(TypeError)
      expect(() => map.delete('x')).toThrow(TypeError)
      expect(() => map.clear()).toThrow(TypeError)
    }
    for (const set of sets) {
      expect(() => set.add('x')).toThrow(TypeError)
      expect(() => set.delete('x')).toThrow(TypeError)
      expect(() => set.clear()).toThrow(TypeError)
    }
  })
})

describe('defaults of an operation', () => {
  const acme = (changes: Parameters<typeof changed>[1] = []) =>
    compile(changed(baseFiles(), changes)).integrations.get('acme')!

  it('come from the integration', () => {
    const list = acme().operations.get('people.list')!
    expect(list).toMatchObject({
      isList: true,
      on: 'collection',
      host: 'default',
      response: { format: 'json', maxBytes: 16_777_216, bigIntegers: 'number' },
      pagination: {
        strategy: 'cursor',
        after: 'after',
        start: 1,
        stability: 'keyset',
        limit: { param: 'limit', max: 100 },
      },
      retry: { attempts: 4, baseMs: 250, capMs: 20_000 },
      request: { body: 'json', arrays: 'repeat', form: 'indexed', nulls: 'null', timeoutMs: 30_000 },
      idempotency: undefined,
    })
    expect(list.response.records?.source).toBe('data')
    expect(list.pagination?.key?.source).toBe('id')
    expect(list.errors.map(({ action }) => action)).toEqual(['fail', 'ignore'])
    expect(list.buckets.map(({ name }) => name)).toEqual(['all'])
  })

  it('are overruled by the operation, key by key', () => {
    const own =
      'path: /people/search\n    request: { headers: { X-Own: here }, constants: { b: 2 }, timeout_ms: 500 }\n    errors: [{ when: $http_status = 418, code: conflict }]\n    retry: { attempts: 2 }'
    const general =
      'request: { arrays: comma, headers: { X-All: all }, constants: { a: 1 } }\nretry: { attempts: 6, base_ms: 10 }\nresponse:'
    const search = acme([
      { file: PEOPLE, from: 'path: /people/search', to: own },
      { file: INTEGRATION, from: 'response:', to: general },
    ]).operations.get('people.search')!
    expect(search.request).toMatchObject({ arrays: 'comma', constants: { a: 1, b: 2 }, timeoutMs: 500 })
    expect([...search.request.headers.keys()]).toEqual(['X-All', 'X-Own'])
    expect(search.retry).toMatchObject({ attempts: 2, baseMs: 10 })
    expect(search.errors.map(({ when }) => when.source)).toEqual([
      '$http_status = 418',
      '$http_status = 404',
      '$http_status = 410',
    ])
    expect(search.pagination).toMatchObject({ strategy: 'page', stability: 'best_effort', after: undefined })
    expect(search.host).toBe('files')
    expect(search.buckets.map(({ name }) => name)).toEqual(['all', 'files'])
  })

  it('take the idempotency key for POST alone', () => {
    const { operations } = acme()
    expect(operations.get('people.create')?.idempotency).toMatchObject({
      in: 'header',
      name: 'Idempotency-Key',
      maxLength: 255,
    })
    expect(operations.get('people.update')?.idempotency).toBeUndefined()
  })

  it('know path parameters and what is on a record', () => {
    expect(acme().operations.get('people.get')).toMatchObject({ on: 'record', pathParameters: ['id'] })
  })
})

describe('what the caller may never set', () => {
  it('is what auth sends and what is declared', () => {
    const auth =
      "    query: { type: api_key, label: Query, in: query, name: token, value: '{{ $credentials.token }}', fields: { token: { label: Token, secret: true } } }\n    body: { type: api_key, label: Body, in: body, name: auth.token, value: '{{ $credentials.token }}', fields: { token: { label: Token, secret: true } } }\n    header: { type: api_key, label: Header, in: header, name: X-Key, value: '{{ $credentials.token }}', headers: { X-For: $connection.site }, fields: { token: { label: Token, secret: true } } }\n  verify:"
    const { owned } = compile(
      changed(baseFiles(), [
        { file: INTEGRATION, from: '  verify:', to: auth },
        {
          file: INTEGRATION,
          from: 'response:',
          to: 'owned: { headers: [Acme-Account], query: [account], paths: [/oauth] }\nresponse:',
        },
      ]),
    ).integrations.get('acme')!
    expect([...owned.headers]).toEqual(['authorization', 'acme-account', 'x-key', 'x-for'])
    expect([...owned.query]).toEqual(['account', 'token'])
    expect([...owned.body]).toEqual(['auth.token'])
    expect(owned.paths).toEqual(['/oauth'])
  })
})

describe('a mapping', () => {
  const acme = compile(baseFiles()).integrations.get('acme')!
  const people = acme.mappings.get('desk/people')!

  it('knows where each field is written', () => {
    expect(people.fields.get('email')?.address).toEqual({
      file: 'integrations/acme/mappings/desk.yaml',
      line: 39,
      column: 7,
    })
  })

  it('fills the id of paths, and the inverse of tables', () => {
    expect(people.get?.map(({ path }) => [...path].map(([name, each]) => [name, each.source]))).toEqual([
      [['id', '$id']],
    ])
    const update = people.writes.get('update')!
    expect([...update.ways[0]!.path.keys()]).toEqual(['id'])
    expect([...update.reads.get('now')!.path.keys()]).toEqual(['id'])
    expect(update.effect).toBe('write')
    const state = people.filters.get('state')
    expect(state?.mode === 'native' && [...state.values!]).toEqual([
      ['active', 'on'],
      ['gone', 'off'],
    ])
  })

  it('is filtered by table only where one native value stands for the unified one', () => {
    const file = 'integrations/acme/mappings/desk.yaml'
    const files = changed(baseFiles(), [
      { file, from: 'on: active, off: gone', to: 'on: active, off: gone, paused: active' },
    ])
    const state = compile(files).integrations.get('acme')!.mappings.get('desk/people')!.filters.get('state')
    expect(state?.mode === 'native' && [...state.values!]).toEqual([['gone', 'off']])
  })

  it('puts the fields of a shape below its own', () => {
    const place = people.fields.get('place')
    expect(place?.kind === 'object' && [...place.fields.keys()]).toEqual(['city', 'country'])
    expect(place?.kind === 'object' && place.from?.source).toBe('home')
  })

  it('takes the keys of the mapping that it uses, its own first', () => {
    const file = 'integrations/acme/mappings/desk.yaml'
    const files = changed(baseFiles(), [
      {
        file: 'unified-models/desk/guests.yaml',
        text: 'name: guests\nuse: desk/people\ndescription: Guests.\nschema: {}\n',
      },
      {
        file,
        from: '  payments:\n    list',
        to: '  guests:\n    use: desk/people\n    fields: { name: nick }\n  payments:\n    list',
      },
    ])
    const guests = compile(files).integrations.get('acme')!.mappings.get('desk/guests')!
    const name = guests.fields.get('name')
    expect(name?.kind === 'expression' && name.expression.source).toBe('nick')
    expect([...guests.fields.keys()]).toEqual([...people.fields.keys()])
    expect(guests.list).toEqual(people.list)
    expect([...guests.writes.keys()]).toEqual([...people.writes.keys()])
  })
})

describe('a model', () => {
  const { resources } = compile(baseFiles()).models.get('desk')!
  const people = resources.get('people')!

  it('has the fields of every record and no references left', () => {
    expect(Object.keys(people.schema.properties as object)).toEqual(
      expect.arrayContaining(['id', 'object', 'name', 'place', '_meta']),
    )
    expect(JSON.stringify(people.schema)).not.toContain('$ref')
    expect(people.schema).toMatchObject({ type: 'object', required: ['id'], additionalProperties: false })
  })

  it('derives bodies from the marks of its fields', () => {
    const create = people.bodies.get('create')!
    expect(Object.keys(create.properties as object)).toEqual(['name', 'email'])
    expect(create.required).toEqual(['name'])
    expect(people.bodies.get('update')?.required).toEqual([])
    expect(people.bodies.get('greet')).toMatchObject({
      additionalProperties: false,
      properties: { words: { type: 'string' } },
    })
    expect(people.bodies.has('delete')).toBe(false)
  })

  it('says what filters look at and which values they take', () => {
    expect(people.filters.get('state')).toMatchObject({ values: ['active', 'gone', 'unknown'], fields: ['state'] })
    expect(resources.get('payments')?.filters.get('person_id')?.fields).toEqual(['person.id'])
  })

  it('says what changes with its records, and names what is there', () => {
    const touching = (text: string) => {
      const change = {
        file: 'unified-models/desk/payments.yaml',
        from: 'expand: []',
        to: `expand: []\ntouches: ${text}`,
      }
      return changed(baseFiles(), [change])
    }
    const good = compile(touching('{ people: person.id }')).models.get('desk')
    expect([...(good?.resources.get('payments')?.touches ?? [])]).toEqual([['people', 'person.id']])
    const { issues } = compileCatalog(touching('{ poeple: person.idd }'))
    expect(issues).toMatchObject([
      { code: 'unknown_unified_resource', line: 9, column: 12 },
      { code: 'unknown_field', line: 9, column: 20 },
    ])
  })
})

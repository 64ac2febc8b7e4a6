import { describe, expect, it } from 'vitest'
import { compileCatalog, compileOverrides, type FieldSpec, type OverrideLayers } from '../../engine/index.ts'
import { baseFiles } from './support.ts'

const { catalog } = compileCatalog(baseFiles())
const acme = catalog!.integrations.get('acme')!

const lay = (overrides: OverrideLayers) => compileOverrides(acme, catalog!.models, overrides)
const people = (resource: object) => ({ desk: { resources: { people: resource } } })
const fields = (of: object) => people({ fields: of })
const sourceOf = (spec: FieldSpec | undefined): string | undefined =>
  spec?.kind === 'expression' ? spec.expression.source : undefined

/** A filter answered by a lookup; its last key is written so, as an object with it would look like a promise. */
const lookupIn = (from: string): unknown =>
  JSON.parse(`{ "lookup": { "from": "${from}", "query": { "a": "$value" }, "then": "id" } }`)

describe('overrides', () => {
  it('merge by field: the account over the environment over the platform', () => {
    const { mappings, issues } = lay({
      environment: fields({ name: 'env_name', email: 'env_mail' }),
      account: fields({ name: 'own_name' }),
    })
    expect(issues).toEqual([])
    const mapping = mappings.get('desk/people')!
    const layers = [...mapping.fields].map(([name, spec]) => [name, spec.layer, sourceOf(spec)])
    expect(layers).toContainEqual(['name', 'account', 'own_name'])
    expect(layers).toContainEqual(['email', 'environment', 'env_mail'])
    expect(layers).toContainEqual(['id', 'platform', 'id'])
    expect(Object.isFrozen(mapping)).toBe(true)
  })

  it('leave the catalog and the other mappings alone', () => {
    const { mappings } = lay({ account: fields({ name: 'other' }) })
    expect([...mappings.keys()]).toEqual(['desk/people'])
    expect(sourceOf(acme.mappings.get('desk/people')?.fields.get('name'))).toBe('name')
  })

  it('remove a field, and one that an upper layer brings back is there again', () => {
    const gone = lay({ environment: fields({ name: { $remove: true } }) }).mappings.get('desk/people')!
    expect(gone.fields.has('name')).toBe(false)
    const back = lay({ environment: fields({ name: { $remove: true } }), account: fields({ name: 'nick' }) })
    expect(sourceOf(back.mappings.get('desk/people')?.fields.get('name'))).toBe('nick')
  })

  it('see the fields of a shape: one is replaced, one goes, the others stay', () => {
    const { mappings, issues } = lay({
      account: fields({ 'place.city': 'home.city', 'place.country': { $remove: true } }),
    })
    expect(issues).toEqual([])
    const mapping = mappings.get('desk/people')!
    const place = mapping.fields.get('place')
    expect(place?.kind === 'object' && [...place.fields.keys()]).toEqual([])
    expect(sourceOf(mapping.fields.get('place.city'))).toBe('home.city')
  })

  it('may use the shapes of the platform', () => {
    const { mappings, issues } = lay({ account: fields({ place: { use: 'shapes.place', from: 'work' } }) })
    expect(issues).toEqual([])
    const place = mappings.get('desk/people')?.fields.get('place')
    expect(place?.kind === 'object' && place.from?.source).toBe('work')
  })

  it('change and remove filters, and say what is absent', () => {
    const { mappings, issues } = lay({
      account: people({
        filters: { email: { scan: true }, state: { $remove: true } },
        fields: { tags: { $remove: true } },
        absent: { tags: 'We have none.' },
      }),
    })
    expect(issues).toEqual([])
    const mapping = mappings.get('desk/people')!
    expect(mapping.filters.get('email')?.mode).toBe('scan')
    expect(mapping.filters.has('state')).toBe(false)
    expect(mapping.absent.get('tags')).toBe('We have none.')
  })

  it.each([
    ['empty text', fields({ name: '' }), 'override_empty'],
    ['null', fields({ name: null }), 'override_empty'],
    ['an empty mapping', fields({ name: {} }), 'override_empty'],
    ['auth', { desk: { resources: { people: { fields: { name: 'x' } } }, auth: {} } }, 'override_not_allowed'],
    ['an operation', people({ get: { from: 'people.get' } }), 'override_not_allowed'],
    ['a write', people({ create: { to: 'people.create' } }), 'override_not_allowed'],
    ['an unknown field', fields({ nmae: 'name' }), 'unknown_field'],
    ['an unknown resource', { desk: { resources: { pets: { fields: { id: 'id' } } } } }, 'unknown_unified_resource'],
    ['an unknown model', { zoo: { resources: { people: { fields: { id: 'id' } } } } }, 'unknown_unified_resource'],
    ['credentials', fields({ name: '$credentials.key' }), 'credentials_outside_auth'],
    ['an unknown function', fields({ name: '$nope(name)' }), 'unknown_function'],
    [
      'an operation of a lookup that is not there',
      people({ filters: { email: lookupIn('x.list') } }),
      'unknown_operation',
    ],
  ])('with %s are refused whole', (_name, account, code) => {
    const { mappings, issues } = lay({ environment: fields({ name: 'fine' }), account })
    expect(issues.map((issue) => issue.code)).toContain(code)
    expect(issues.every(({ file }) => file === 'overrides/account.json')).toBe(true)
    expect(mappings.size).toBe(0)
  })

  it('come as text too: issues stand in it, and its data is what it means', () => {
    const text = 'desk:\n  resources:\n    people:\n      fields:\n        name: $nope(name)\n'
    const wrong = lay({ environment: fields({ name: 'fine' }), account: text })
    expect(wrong.issues).toMatchObject([
      { code: 'unknown_function', file: 'overrides/account.yaml', line: 5, column: 15 },
    ])
    const right = lay({ environment: fields({ name: 'fine' }), account: text.replace('$nope', '$uppercase') })
    expect(right.issues).toEqual([])
    expect(right.data).toEqual({ environment: fields({ name: 'fine' }), account: fields({ name: '$uppercase(name)' }) })
    expect(sourceOf(right.mappings.get('desk/people')?.fields.get('name'))).toBe('$uppercase(name)')
    const broken = lay({ account: 'desk: [' })
    expect(broken.issues.length).toBeGreaterThan(0)
    expect(broken.data).toEqual({ account: undefined })
  })

  it.each(['param', 'clause', 'value'])(
    'with a filter whose %s could run long run apart, and have an address',
    (slot) => {
      const slow = '$replace($value, /^(a|a)*$/, "")'
      const filters = {
        param: { email: { param: `{{ ${slow} }}` } },
        clause: { email: { clause: `x:{{ ${slow} }}` } },
        value: { email: { param: 'email', value: slow } },
      }[slot]
      const { mappings, issues } = lay({ account: people({ filters }) })
      expect(issues).toEqual([])
      const filter = mappings.get('desk/people')?.filters.get('email')
      const made = JSON.stringify(filter, (_name, value) => (value instanceof Map ? [...value] : value))
      expect(made).toMatch(/"apart":"overrides\/account\.json:\d+:\d+"/)
    },
  )

  it('that are no mapping at all are an issue too', () => {
    expect(lay({ account: { desk: 5 } }).issues.map(({ code }) => code)).toEqual(['wrong_type'])
    expect(lay({ account: { desk: { resources: { people: null } } } }).issues.map(({ code }) => code)).toEqual([
      'wrong_type',
    ])
  })
})

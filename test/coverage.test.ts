import { describe, expect, it } from 'vitest'
import { compileCatalog, type SourceFile } from '../engine/definition/index.ts'
import { coverageOf } from '../engine/execute/coverage.ts'
import { coveragePages } from '../scripts/coverage-pages.ts'
import { readDefinitions } from '../server/definitions.ts'
import { pathsBelow, ROOT, textOf } from './support/house.ts'

const builtIn = await readDefinitions([{ path: ROOT }])
const models = builtIn.filter(({ path }) => path.startsWith('unified-models/'))

function compiled(files: readonly SourceFile[]) {
  const { catalog, issues } = compileCatalog(files)
  if (catalog === undefined) throw new Error(issues.map(({ file, message }) => `${file} ${message}`).join('\n'))
  return { coverage: coverageOf(catalog), issues, catalog }
}

const shipped = compiled(builtIn).coverage

/** A made-up provider of one resource with the mapping given. */
function acme(people: string, mapping: string): SourceFile[] {
  const integration = `onefold: 1
name: acme
label: Acme
description: Made up.
hosts: { default: { url: 'https://api.acme.test' } }
auth: { methods: { none: { type: none, label: None } } }
pagination: { strategy: none }
`
  const file = (path: string, text: string): SourceFile => ({ path: `integrations/acme/${path}`, text })
  return [
    ...models,
    file('integration.yaml', integration),
    file('resources/people.yaml', people),
    file('mappings/payment-gateway.yaml', mapping),
  ]
}

const PEOPLE = `name: people
methods:
  list: { effect: read, verb: GET, path: /people, complete: true, parameters: { mail: { in: query }, state: { in: query, description: Which. } } }
  find: { effect: read, verb: GET, path: /people/find, list: true, complete: true, description: Finds people., parameters: { q: { in: query } } }
  create: { effect: write, verb: POST, path: /people, parameters: { full_name: { in: body } } }
  drop: { effect: write, verb: DELETE, path: '/people/{{ $path.id }}', deprecated: true }
`

const MAPPING = `model: payment-gateway
shapes: { address: { city: town } }
resources:
  customers:
    list:
      route:
        - filters_present: [q]
          source:
            from: people.find
            search: { param: q, join: ' ', quote: backslash_double }
            filters: { q: { clause: '{{ $value }}' }, email: { scan: true } }
        - source: { from: people.list }
    create: { to: people.create, body: { full_name: name } }
    filters:
      email: { param: mail }
    fields:
      id: id
      name: full_name
      email: mail
      address: { use: shapes.address, from: home }
    absent:
      phone: Acme keeps no phone number.
      address.country: All live in one country.
`

describe('what a definition covers', () => {
  const { coverage, issues } = compiled(acme(PEOPLE, MAPPING))
  const own = coverage.find(({ name }) => name === 'acme')
  const customers = own?.resources.find(({ resource }) => resource === 'customers')?.mapped
  const field = (path: string) => customers?.fields.find((one) => one.path === path)

  it('needs no description of resources, operations and parameters, and counts what has none', () => {
    expect(issues.filter(({ file }) => file.includes('people'))).toEqual([])
    expect(own?.native).toEqual([
      {
        name: 'people',
        isDocumented: false,
        effects: { read: 2, write: 2, money: 0, credential: 0 },
        deprecated: 1,
        parameters: 4,
        undocumented: { operations: 3, parameters: 3 },
      },
    ])
  })

  it('names every resource of the models that it is mapped into', () => {
    const of = (model: string) => own?.resources.filter((one) => one.model === model).length
    expect(own?.resources.filter(({ mapped }) => mapped !== undefined).map(({ resource }) => resource)).toEqual([
      'customers',
    ])
    expect(of('payment-gateway')).toBeGreaterThan(5)
    expect(of('subscription-management')).toBe(0)
  })

  it('tells which fields are filled, and why others are not', () => {
    expect(field('name')).toEqual({ path: 'name', readable: true, reason: undefined })
    expect(field('phone')).toEqual({ path: 'phone', readable: false, reason: 'Acme keeps no phone number.' })
    expect(field('locale')).toEqual({ path: 'locale', readable: false, reason: 'not mapped' })
    expect(field('address')?.readable).toBe(true)
    expect(field('address.city')?.readable).toBe(true)
    expect(field('address.line1')).toEqual({ path: 'address.line1', readable: false, reason: 'not mapped' })
    expect(field('address.country')?.reason).toBe('All live in one country.')
    expect(field('shipping_address.city')).toBeUndefined()
  })

  it('tells what a write passes on, and what is missing', () => {
    const create = customers?.writes.find(({ method }) => method === 'create')
    expect(create).toMatchObject({ effect: 'write', operations: ['people.create'], sent: ['name'] })
    expect(create?.unsent).toContain('email')
    expect(customers?.missing).toEqual(expect.arrayContaining(['get', 'update', 'delete']))
    expect(customers?.capabilities.fields.name?.writable).toEqual(['create'])
  })

  it('tells how a filter is answered when nothing else is asked for', () => {
    expect(customers?.capabilities.filters.email?.mode).toBe('native')
    expect(customers?.capabilities.filters.q?.mode).toBe('search')
    expect(customers?.unanswered).toContain('created_at')
  })

  it('says so on the pages', () => {
    const pages = coveragePages(coverage)
    expect(Object.keys(pages)).toEqual(['reference/coverage.md', 'reference/coverage-acme.md'])
    const page = pages['reference/coverage-acme.md']
    expect(page).toContain('| `phone` | no |  | Acme keeps no phone number. |')
    expect(page).toContain('| `people` (undocumented) | 2 | 2 |  |  | 1 | 4 | 3 | 3 |')
    expect(pages['reference/coverage.md']).toContain(
      '| [Acme](coverage-acme.md) |  | 1 | 4 | 2 | 2 | 0 | 0 | 4 | 1 | 3 | 3 |',
    )
  })
})

describe('the coverage pages', () => {
  it('stand in docs/ as `npm run generate` writes them, and none is left over', () => {
    const pages = coveragePages(shipped)
    for (const [name, text] of Object.entries(pages)) expect(textOf(`docs/${name}`), name).toBe(text)
    const written = pathsBelow('docs/reference').filter((path) => /\/coverage[^/]*\.md$/.test(path))
    expect(written.sort()).toEqual(
      Object.keys(pages)
        .map((name) => `docs/${name}`)
        .sort(),
    )
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, type TestContext } from 'vitest'
import { accountOf } from '../engine/cases/account.ts'
import { casePorts } from '../engine/cases/case-ports.ts'
import { responseOf } from '../engine/cases/wire.ts'
import type { Operation } from '../engine/definition/catalog.ts'
import { compileCatalog } from '../engine/definition/index.ts'
import { createEngine } from '../engine/engine.ts'
import { parseUnifiedQuery } from '../engine/query/index.ts'
import type { Parameter } from '../engine/schema/generated.ts'
import { readDefinitions } from '../server/definitions.ts'
import { sharedData } from './support/shared-data.ts'

interface Fact {
  readonly type: string
  readonly required?: boolean
  readonly enum?: readonly string[]
}

interface OperationFacts {
  readonly path: string
  readonly method: string
  readonly params?: Readonly<Record<string, Fact>>
}

interface PathItem {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: {
    readonly content: Readonly<
      Record<string, { readonly schema: { readonly properties?: Readonly<Record<string, unknown>> } }>
    >
  }
}

const { catalog } = compileCatalog(await readDefinitions([{ path: join(import.meta.dirname, '..') }]))
const stripe = catalog?.integrations.get('stripe')
if (catalog === undefined || stripe === undefined) throw new Error('The definitions do not compile')
const operations = [...stripe.operations.values()]

const shapeOf = (verb: string, path: string): string => `${verb} ${path.replace(/\{+[^}]*\}+/g, '{}')}`
const keyOf = ({ verb, path }: Operation): string => shapeOf(verb, path.source)
const read = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T
const firstLevel = (names: readonly string[]): Set<string> => new Set(names.map((name) => name.split('.')[0] ?? ''))

/** Scalar parameters of every operation of the 2026 version by verb and path, inner ones with dots. */
function currentFacts(context: TestContext): Map<string, Readonly<Record<string, Fact>>> {
  const all = read<OperationFacts[]>(sharedData(context, 'stripe-cli-ops-2026-08.json'))
  return new Map(all.map(({ method, path, params }) => [shapeOf(method, path), params ?? {}]))
}

/** Names of the parameters of every operation of the 2023 version by verb and path. */
function earlierNames(context: TestContext): Map<string, Set<string>> {
  const file = sharedData(context, 'spec3-2023-09-12.min.json')
  const { paths } = read<{ paths: Readonly<Record<string, Readonly<Record<string, PathItem>>>> }>(file)
  const operationsOf = ([path, item]: [string, Readonly<Record<string, PathItem>>]) =>
    Object.entries(item).map(([verb, facts]): [string, Set<string>] => {
      const query = (facts.parameters ?? []).flatMap((each) => (each.in === 'query' ? [each.name] : []))
      const body = Object.values(facts.requestBody?.content ?? {}).flatMap((one) =>
        Object.keys(one.schema.properties ?? {}),
      )
      return [shapeOf(verb.toUpperCase(), path), new Set([...query, ...body])]
    })
  return new Map(Object.entries(paths).flatMap(operationsOf))
}

/** Every operation that the official client makes, by verb and path. */
function clientOperations(): Set<string> {
  const folder = join(import.meta.dirname, '../node_modules/stripe/esm/resources')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
  const calls = files.flatMap((name) => [
    ...readFileSync(join(folder, name), 'utf8').matchAll(/_makeRequest\('([A-Z]+)', (?:'([^']+)'|`([^`]+)`)/g),
  ])
  const shaped = calls.map(([, verb = '', text = '', template = text]) => shapeOf(verb, template.replaceAll('$', '')))
  return new Set(shaped)
}

describe('what Stripe publishes about its operations', () => {
  it('is declared, every operation of it', (context) => {
    const published = [...currentFacts(context).keys(), ...earlierNames(context).keys()]
    const declared = new Set(operations.map(keyOf))
    expect(published.length).toBeGreaterThan(1000)
    expect([...new Set(published)].filter((key) => !declared.has(key))).toEqual([])
  })

  it('has every operation that is declared, and each is declared once', (context) => {
    const published = new Set([...currentFacts(context).keys(), ...earlierNames(context).keys(), ...clientOperations()])
    expect(operations.filter((operation) => !published.has(keyOf(operation))).map(({ id }) => id)).toEqual([])
    const declared = operations.map(keyOf)
    expect(declared.filter((key, index) => declared.indexOf(key) !== index)).toEqual([])
  })

  it('has no parameter that is not declared', (context) => {
    const current = currentFacts(context)
    const earlier = earlierNames(context)
    const missing = operations.flatMap((operation) => {
      const names = [...Object.keys(current.get(keyOf(operation)) ?? {}), ...(earlier.get(keyOf(operation)) ?? [])]
      const unknown = [...firstLevel(names)].filter((name) => !operation.parameters.has(name))
      return unknown.map((name) => `${operation.id} ${name}`)
    })
    expect(missing).toEqual([])
  })

  it('has every scalar parameter that is declared, with the same type, values and need', (context) => {
    const current = currentFacts(context)
    const earlier = earlierNames(context)
    const wrong = operations.flatMap((operation) => {
      const facts = current.get(keyOf(operation))
      if (facts === undefined) return []
      const declared = [...operation.parameters].filter(([, rule]) => rule.in === 'query' || rule.in === 'body')
      return declared.flatMap(([name, rule]) => {
        const isEarlier = earlier.get(keyOf(operation))?.has(name) === true
        const fact = facts[name]
        const found =
          fact !== undefined ? contradictions(rule, fact) : isEarlier ? [] : unknownParameter(operation, rule)
        return found.map((what) => `${operation.id} ${name} ${what}`)
      })
    })
    expect(wrong).toEqual([])
  })
})

/** The list leaves out maps, lists of objects, ranges, files, `expand`, flags of a DELETE and the fields of an upload. */
function unknownParameter({ verb, request }: Operation, { type = 'string' }: Parameter): string[] {
  const isLeftOut = ['object', 'array', 'any', 'file'].includes(type) || verb === 'DELETE'
  return isLeftOut || request.body === 'multipart' ? [] : ['is not known']
}

function contradictions(rule: Parameter, fact: Fact): string[] {
  const { type = 'string', required = false } = rule
  const published = fact.type === 'clearable_object' ? 'object' : fact.type
  const values = (list: readonly unknown[] = []): string => list.map(String).sort().join()
  const isOpen = rule.enum === undefined || fact.enum === undefined
  return [
    ...(type === 'any' || type === published ? [] : [`is ${fact.type}, not ${type}`]),
    ...((fact.required ?? false) === required ? [] : [`is declared as ${required ? '' : 'not '}required`]),
    ...(isOpen || values(rule.enum) === values(fact.enum) ? [] : [`takes ${values(fact.enum)}`]),
  ]
}

describe('what Stripe publishes about its records', () => {
  interface Schema {
    readonly enum?: readonly string[]
    readonly properties?: Readonly<Record<string, Schema>>
  }
  const SCHEMAS: Readonly<Record<string, string>> = { invoice_lines: 'line_item', account: 'account' }
  const singular = (name: string): string => SCHEMAS[name] ?? name.replace(/s$/, '')

  it('has no value of an enum that is not declared', (context) => {
    const file = sharedData(context, 'spec3-2023-09-12.min.json')
    const { components } = read<{ components: { schemas: Readonly<Record<string, Schema>> } }>(file)
    const missing = [...stripe.resources.values()].flatMap(({ name, fields }) =>
      Object.entries(fields).flatMap(([path, field]) => {
        const found = path
          .split('.')
          .reduce<Schema | undefined>((schema, part) => schema?.properties?.[part], components.schemas[singular(name)])
        const values = field.enum ?? []
        return (found?.enum ?? []).filter((value) => !values.includes(value)).map((value) => `${name}.${path} ${value}`)
      }),
    )
    expect(missing).toEqual([])
  })

  const EXAMPLES = [
    ['payment-gateway', 'customers', 'customer'],
    ['payment-gateway', 'payments', 'payment_intent'],
    ['payment-gateway', 'payments', 'charge'],
    ['payment-gateway', 'refunds', 'refund'],
    ['subscription-management', 'products', 'product'],
    ['subscription-management', 'prices', 'price'],
    ['subscription-management', 'subscriptions', 'subscription'],
    ['subscription-management', 'invoices', 'invoice'],
  ] as const

  const VERSIONS = ['2026-08-21', '2023-09-12'] as const
  const examples = VERSIONS.flatMap((version) => EXAMPLES.map((example) => [version, ...example] as const))
  for (const [version, model, resource, native] of examples) {
    it(`maps the ${native} of ${version} into ${model}/${resource}`, async (context) => {
      const file = sharedData(context, `fixtures3-${version}.json`)
      const { resources } = read<{ resources: Readonly<Record<string, Example>> }>(file)
      const example = resources[native] ?? { id: '' }
      const record = await mapExample(model, resource, example)
      expect(record).toMatchObject({ id: example.id, object: resource.replace(/s$/, '') })
      expect(record._meta).not.toHaveProperty('field_errors')
      expect(Object.values(record).filter((value) => value !== null && value !== false).length).toBeGreaterThan(12)
    })
  }
})

type Example = Readonly<Record<string, unknown>> & { readonly id: string }

/** The unified record of a native one, which is what the first request answers; lists below it are empty. */
async function mapExample(model: string, resource: string, example: Example): Promise<Record<string, unknown>> {
  const unified = catalog?.models.get(model)?.resources.get(resource)
  if (catalog === undefined || stripe === undefined || unified === undefined) throw new Error(`No ${model}/${resource}`)
  const { account, credentials } = accountOf(stripe)
  const answers: Record<string, unknown>[] = [
    example,
    ...Array.from({ length: 9 }, () => ({ object: 'list', data: [], has_more: false })),
  ]
  const transport = {
    send: () => Promise.resolve(responseOf({ status: 200, body: answers.shift() ?? {} })),
    stream: () => Promise.reject(new Error('There are no streams here')),
  }
  const engine = createEngine({ catalog, ports: casePorts(transport, credentials) })
  const query = parseUnifiedQuery([], unified, { method: 'get' })
  const options = { requestId: 'req_facts', priority: 'interactive', onLimit: 'fail' } as const
  const answer = await engine.unified(account, { model, resource, method: 'get', id: example.id, query }, options)
  if (answer.kind !== 'record') throw new Error('A get answers a record')
  return answer.record
}

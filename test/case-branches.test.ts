import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { casesIn } from '../engine/definition/case-files.ts'
import type { FieldSpec, ResourceMapping } from '../engine/definition/catalog.ts'
import { compileCatalog } from '../engine/definition/index.ts'
import type { Case } from '../engine/schema/generated.ts'
import { readDefinitions } from '../server/definitions.ts'

// A case earns its place by a way through the definitions that no other case of its resource takes: other requests, another
// outcome, another entry of a table or another field that is there or missing.
const files = await readDefinitions([{ path: join(import.meta.dirname, '..') }])
const { catalog } = compileCatalog(files)
const cases = casesIn(files)
const mappings = [...(catalog?.integrations.values() ?? [])].flatMap((integration) => [
  ...integration.mappings.values(),
])

const casesOf = ({ integration, model, resource }: ResourceMapping): Case[] =>
  cases.flatMap(({ integration: name, node: { value } }) =>
    name === integration && value.call?.model === model && value.call.resource === resource ? [value] : [],
  )

/** Fields that a table or rules decide: their values are ways, those of all others only matter as there or not. */
function decided(specs: ReadonlyMap<string, FieldSpec>, above = ''): string[] {
  return [...specs].flatMap(([name, spec]) => {
    const path = `${above}${name}`
    if (spec.kind === 'table' || spec.kind === 'rules') return [path]
    return spec.kind === 'object' || spec.kind === 'each' ? decided(spec.fields, `${path}.`) : []
  })
}

/** The paths of a value with what stands there: the value where it is decided, else only that there is one. */
function shapeOf(value: unknown, ways: ReadonlySet<string>, path = ''): string[] {
  if (Array.isArray(value)) {
    return [`${path}: ${Math.min(value.length, 2)}`, ...value.flatMap((item) => shapeOf(item, ways, path))]
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, inner]) =>
      shapeOf(inner, ways, path === '' ? name : `${path}.${name}`),
    )
  }
  const isWay = ways.has(path) || /(^|\.)raw_[a-z_]+$/.test(path) || typeof value === 'boolean' || value === null
  return [`${path}: ${isWay ? String(value) : typeof value}`]
}

const withoutIds = (path: string): string => path.replace(/\/[a-z]+_[A-Za-z0-9_]+/g, '/{id}')

/** Words of the provider's own in a value: what it calls its choices and errors. */
const wordsIn = (value: unknown): string[] => JSON.stringify(value ?? null).match(/"[a-z]+(?:_[a-z]+)*"(?!:)/g) ?? []

/** What is asked, which requests that makes, and what comes of it. */
function wayOf({ call, exchanges, expect: wanted }: Case, mapping: ResourceMapping): string {
  const layers = [mapping.fields, ...mapping.variants.map(({ fields }) => fields)]
  const ways = new Set(layers.flatMap((fields) => decided(fields)))
  const seen = (value: unknown) => [...new Set(shapeOf(value, ways))].sort()
  const { method, id, query, body } = call ?? {}
  const requests = exchanges.map(({ request, response }) => [
    request.verb,
    withoutIds(request.path),
    seen(request.query),
    seen(request.body),
    wordsIn(request.body),
    response?.status,
    ...((response?.status ?? 0) >= 400 ? [wordsIn(response?.body)] : []),
  ])
  const { result, ...rest } = wanted
  const kind = String(id ?? '').replace(/_.*/, '')
  return JSON.stringify([method, kind, query, seen(body), requests, seen(result), rest])
}

describe.each(mappings)('$integration: $model/$resource', (mapping) => {
  it('has no two cases that go the same way', () => {
    const seen = new Map<string, string>()
    const twins = casesOf(mapping).flatMap((each) => {
      const way = wayOf(each, mapping)
      const twin = seen.get(way)
      seen.set(way, each.name)
      return twin === undefined ? [] : [`${twin} = ${each.name}`]
    })
    expect(twins).toEqual([])
  })
})

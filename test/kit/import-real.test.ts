import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkFiles, targetOf } from '../../server/kit/folder.ts'
import { importOpenApi, keyOf } from '../../server/kit/openapi/import.ts'
import { pathsBelow, ROOT } from '../support/house.ts'
import { sharedData } from '../support/shared-data.ts'

interface Method {
  readonly verb: string
  readonly path: string
  readonly effect: string
  readonly list?: boolean
  readonly pagination?: object
  readonly parameters?: Readonly<Record<string, { in: string }>>
}
interface Resource {
  readonly name: string
  readonly methods: Readonly<Record<string, Method>>
}
interface Main {
  readonly pagination: { readonly strategy: string }
  readonly request: { readonly body: string }
  readonly response: { readonly records: string }
  readonly hosts: Readonly<Record<string, { readonly url: string }>>
  readonly auth: { readonly methods: Readonly<Record<string, { readonly type: string }>> }
}

const written = pathsBelow('integrations/stripe/resources')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** Methods by verb and path, with their names. */
function methodsOf(texts: readonly string[]): Map<string, { id: string; method: Method }> {
  return new Map(
    texts.flatMap((text) => {
      const { name, methods } = parse(text) as Resource
      return Object.entries(methods).map(
        ([method, value]) => [keyOf(value.verb, value.path), { id: `${name}.${method}`, method: value }] as const,
      )
    }),
  )
}

describe('the document of a large provider', () => {
  it('becomes a definition that passes the check, much as the one written by hand', async (context) => {
    const data: unknown = JSON.parse(readFileSync(sharedData(context, 'spec3-2023-09-12.min.json'), 'utf8'))
    const target = targetOf('definitions', 'acme')
    const made = importOpenApi(data, target)
    expect((await checkFiles(target, made.files)).issues).toEqual([])
    expect(made.operations).toHaveLength(468)
    expect(made.leftOut).toEqual([])

    const main = parse(made.files.get('integration.yaml') ?? '') as Main
    const byHand = parse(read('integrations/stripe/integration.yaml')) as Main
    expect(main.pagination).toEqual({ ...byHand.pagination })
    expect(main.response.records).toBe(byHand.response.records)
    expect(main.request.body).toBe(byHand.request.body)
    expect(main.hosts.default?.url).toBe(byHand.hosts.default?.url)
    expect(Object.values(main.auth.methods)[0]?.type).toBe(Object.values(byHand.auth.methods)[0]?.type)

    const guessed = methodsOf([...made.files].flatMap(([path, text]) => (path.startsWith('resources/') ? [text] : [])))
    const known = methodsOf(written.map(read))
    const both = [...guessed].flatMap(([key, one]) => (known.has(key) ? [{ one, other: known.get(key)! }] : []))
    const share = (isAlike: (pair: (typeof both)[number]) => boolean) => both.filter(isAlike).length
    const isList = ({ id, method }: { id: string; method: Method }) => method.list ?? /\.(list|search)$/.test(id)
    const strategyOf = ({ method }: { method: Method }, file: Main) =>
      (method.pagination as { strategy?: string } | undefined)?.strategy ?? file.pagination.strategy
    const [lists, careless] = [
      both.filter(({ other }) => isList(other)),
      both.filter(({ one, other }) => one.method.effect === 'read' && other.method.effect !== 'read'),
    ]
    const paging = lists.filter(({ one, other }) => strategyOf(one, main) === strategyOf(other, byHand))
    // Shares of what a person wrote; they may only grow.
    expect(both).toHaveLength(468)
    expect(share(({ one, other }) => isList(one) === isList(other))).toBeGreaterThanOrEqual(464)
    expect(lists).toHaveLength(110)
    expect(paging.length).toBeGreaterThanOrEqual(109)
    expect(share(({ one, other }) => one.id === other.id)).toBeGreaterThanOrEqual(395)
    expect(share(({ one, other }) => one.method.effect === other.method.effect)).toBeGreaterThanOrEqual(397)
    expect(careless).toEqual([])
  })
})

import { nearest } from '../../expression/suggest.ts'
import type { Issue } from '../issue.ts'
import type { RawIntegration } from '../registry.ts'
import { shortList } from '../words.ts'
import { type NativeRead, readsOf, spanOfPath } from './reads.ts'
import type { View } from './view.ts'

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is below each key, anywhere in the answers of cases. Lists are transparent. */
type Keys = ReadonlyMap<string, readonly Json[]>

/**
 * Paths that fields read and that no answer in the cases of the integration has, whatever stands around it. A warning. A
 * mapping without cases of its own is left alone, and so is what is computed and a path beside which another one leads to
 * the same member.
 */
export function checkSeenPaths(view: View): Issue[] {
  const { integration } = view.subject
  if (!hasCases(view)) return []
  const keys = seenIn(integration)
  const reads = readsOf(view).filter(({ native }) => native !== undefined)
  const seen = reads.map((read) => ({ read, known: missingFrom(keys, namesOf(read.path)) }))
  const there = new Set(seen.flatMap(({ read, known }) => (known === undefined ? [endOf(read)] : [])))
  return seen.flatMap(({ read, known }) =>
    known === undefined || there.has(endOf(read)) ? [] : [issueOf(read, known)],
  )
}

/** The names of a path; one in backticks may hold dots itself. */
const namesOf = (path: string): string[] =>
  [...path.matchAll(/`([^`]*)`|[^.`]+/g)].map(([name, quoted]) => quoted ?? name)

/** The expression and the member that a path ends in. */
const endOf = ({ node, path }: NativeRead): string =>
  `${node.pointer} ${path.includes('.') ? path.split('.').at(-1) : ''}`

function hasCases({ file, mapping, subject }: View): boolean {
  const [model, resource] = [file.value.model, mapping.pointer.split('/').at(-1)]
  return subject.integration.cases.some(({ value }) =>
    (value.cases ?? []).some(({ call }) => call?.model === model && call?.resource === resource),
  )
}

const known = new WeakMap<RawIntegration, Keys>()

/** The keys of all answers and deliveries in the cases of an integration, and what writes put into answers. */
function seenIn(integration: RawIntegration): Keys {
  const found = known.get(integration)
  if (found !== undefined) return found
  const files = integration.cases.map(({ value }) => value)
  const deliveries = files.flatMap((file) => file.deliveries ?? [])
  const exchanges = [...files.flatMap((file) => file.cases ?? []), ...deliveries].flatMap(
    (each) => each.exchanges ?? [],
  )
  const bodies = [...exchanges.map(({ response }) => response.body), ...deliveries.map(({ delivery }) => delivery.body)]
  const keys = keysIn([...bodies, ...fillsOf(integration)])
  known.set(integration, keys)
  return keys
}

function fillsOf(integration: RawIntegration): Json[] {
  const mappings = [...integration.mappings.values()].flatMap(({ value }) => Object.values(value.resources ?? {}))
  const writes = mappings.flatMap((each) => [
    each.create,
    each.update,
    each.delete,
    ...Object.values(each.methods ?? {}),
  ])
  const names = writes.flatMap((write) => Object.keys(write?.returns?.fills ?? {}))
  return names.map((name) => name.split('.').reduceRight<Json>((inner, part) => ({ [part]: inner }), {}))
}

function keysIn(bodies: readonly unknown[]): Keys {
  const keys = new Map<string, Json[]>()
  const visit = (value: unknown): void => {
    for (const object of objectsIn(value)) {
      for (const [name, child] of Object.entries(object)) {
        const known = keys.get(name)
        if (known === undefined) keys.set(name, [...objectsIn(child)])
        else known.push(...objectsIn(child))
        visit(child)
      }
    }
  }
  for (const body of bodies) visit(body)
  return keys
}

const objectsIn = (value: unknown): Json[] =>
  Array.isArray(value) ? value.flatMap(objectsIn) : isObject(value) ? [value] : []

/** The keys at the place where a path ends too early; undefined when all of it is there. */
function missingFrom(keys: Keys, [first = '', ...rest]: readonly string[]): readonly string[] | undefined {
  let here = keys.get(first)
  if (here === undefined) return [...keys.keys()]
  for (const name of rest) {
    // An empty object or null says nothing about what it may hold.
    if (here.length === 0) return undefined
    const next: Json[] = here.filter((object) => Object.hasOwn(object, name))
    if (next.length === 0) return [...new Set(here.flatMap((object) => Object.keys(object)))]
    here = next.flatMap((object) => objectsIn(object[name]))
  }
  return undefined
}

function issueOf(read: NativeRead, known: readonly string[]): Issue {
  const near = read.path
    .split('.')
    .map((part) => nearest(part, known))
    .at(-1)
  const guess = near === undefined ? '' : `Did you mean \`${near}\`? `
  const hint = `${guess}There ${known.length === 1 ? 'is' : 'are'} ${shortList(known, 8)}. Mend the path, or add a case that shows it.`
  const message = `no answer in the cases has \`${read.path}\``
  return read.node.issue(
    'value',
    'path_not_in_cases',
    { severity: 'warning', message, hint, valid: known },
    spanOfPath(read),
  )
}

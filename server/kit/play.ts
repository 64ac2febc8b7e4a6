import { stringify } from 'yaml'
import { type Catalog, type FoundCase, findCases } from '../../engine/index.ts'
import type { Kit } from './definitions.ts'
import { unifiedDiff } from './line-diff.ts'

/** A case that was played. */
export interface PlayedCase {
  readonly found: FoundCase
  readonly actual: unknown
  /** Whether its requests were those of its exchanges. */
  readonly fits: boolean
  readonly problems: readonly string[]
}

/** Which cases are played. */
export interface CaseFilter {
  /** Part of the name, of the resource or of the file, in any letter case. */
  readonly filter?: string | undefined
  /** Files by the path that people find them by; default all. */
  readonly files?: ReadonlySet<string> | undefined
}

/** The cases of a kit that fit a filter. */
export function casesOf({ files }: Kit, { filter = '', files: only }: CaseFilter): FoundCase[] {
  const wanted = filter.toLowerCase()
  return findCases(files).filter(({ file, value }) => {
    const call = 'call' in value ? `${value.call?.model ?? ''}/${value.call?.resource ?? ''}` : ''
    const isNamed = [value.name, call, file].some((text) => text.toLowerCase().includes(wanted))
    return isNamed && (only === undefined || only.has(file))
  })
}

/** Plays cases one after the other. */
export async function playCases(
  catalog: Catalog,
  cases: readonly FoundCase[],
  onEach: (played: PlayedCase) => void = () => undefined,
): Promise<PlayedCase[]> {
  const all: PlayedCase[] = []
  for (const found of cases) {
    const played = { found, ...(await found.play(catalog)) }
    all.push(played)
    onEach(played)
  }
  return all
}

/** What a case expects and what came out, as a unified diff of YAML; empty when the requests already went wrong. */
export function caseDiff({ found, actual }: PlayedCase): string {
  if (actual === undefined) return ''
  return unifiedDiff(yamlOf(found.value.expect), yamlOf(actual), ['expected', 'actual'])
}

/** Null and absent are the same to a case, so neither is shown. */
const yamlOf = (value: unknown): string => stringify(withoutNulls(value), { lineWidth: 0 }).trimEnd()

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, each]): [string, unknown] => [name, withoutNulls(each)])
  return Object.fromEntries(entries.filter(([, each]) => each !== null && each !== undefined))
}

import type { ResourceRules } from './contract.ts'
import { at, type Json } from './paths.ts'
import { refuse } from './refusal.ts'

type Fits = (record: Json) => boolean

const CLAUSE =
  /\s*(?<not>-)?(?<field>[a-z_.0-9]+)(?:\[(?<quote>["'])(?<key>.*?)\k<quote>\])?(?<op>:|~|>=|<=|>|<)(?:"(?<text>(?:[^"\\]|\\.)*)"|'(?<text2>(?:[^'\\]|\\.)*)'|(?<word>[^\s"']+))\s*/y
const JOINT = /\s*(AND|OR)\s+/y

const invalid = (query: string, why: string) =>
  refuse('invalid_parameter', { param: 'query', value: query, expected: 'search', reason: why })

/**
 * Reads a search: clauses `field:"text"` (equal, case-folded), `field~"part"`, `field>10`, `-field:null`, `metadata["key"]:"x"`,
 * joined by blanks, AND or OR but not both. Throws invalid_parameter.
 */
export function searchFor(query: string, rules: ResourceRules): Fits {
  const clauses: Fits[] = []
  const joints = new Set<string>()
  for (let from = 0; from < query.length; ) {
    CLAUSE.lastIndex = from
    const found = CLAUSE.exec(query)
    if (found?.groups === undefined) throw invalid(query, `nothing can be read at position ${from}`)
    clauses.push(clauseOf(found.groups, query, rules))
    from = CLAUSE.lastIndex
    JOINT.lastIndex = from
    const joint = JOINT.exec(query)
    if (joint !== null) from = JOINT.lastIndex
    if (from < query.length) joints.add(joint?.[1] ?? 'AND')
    else if (joint !== null) throw invalid(query, `nothing follows ${joint[1]}`)
  }
  if (clauses.length === 0) throw invalid(query, 'it is empty')
  if (joints.size > 1) throw invalid(query, 'AND and OR cannot be mixed')
  if (joints.has('OR')) return (record) => clauses.some((fits) => fits(record))
  return (record) => clauses.every((fits) => fits(record))
}

function clauseOf(groups: Readonly<Record<string, string | undefined>>, query: string, rules: ResourceRules): Fits {
  const { not, field = '', key, op = ':', text, text2, word } = groups
  const path = rules.search.get(field)
  if (path === undefined) throw invalid(query, `the field ${field} cannot be searched`)
  const full = key === undefined ? path : `${path}.${key}`
  const wanted = (text ?? text2)?.replace(/\\(.)/g, '$1') ?? word ?? ''
  const isNull = word === 'null'
  const read = (record: Json): unknown => (key === undefined ? at(record, path) : ownOf(at(record, path), key))
  const holds = comparison(op, wanted, query, full)
  const fits: Fits = (record) => {
    const value = read(record)
    if (isNull) return value === null || value === undefined
    return value !== null && value !== undefined && holds(value)
  }
  return not === undefined ? fits : (record) => !fits(record)
}

const ownOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Json)[key] : undefined

function comparison(op: string, wanted: string, query: string, field: string): (value: unknown) => boolean {
  const folded = wanted.toLowerCase()
  if (op === ':') return (value) => String(value).toLowerCase() === folded
  if (op === '~') {
    if (wanted.length < 3) throw invalid(query, `a part of ${field} has three characters at least`)
    return (value) => String(value).toLowerCase().includes(folded)
  }
  const bound = Number(wanted)
  if (wanted === '' || Number.isNaN(bound)) throw invalid(query, `${field} ${op} wants a number`)
  if (op === '>') return (value) => Number(value) > bound
  if (op === '>=') return (value) => Number(value) >= bound
  if (op === '<') return (value) => Number(value) < bound
  return (value) => Number(value) <= bound
}

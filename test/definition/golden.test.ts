import { describe, expect, it } from 'vitest'
import {
  compareWithOpenApi,
  compileCatalog,
  compileOverrides,
  ISSUE_CODES,
  type Issue,
  readOpenApi,
  runCases,
  unshownIssues,
} from '../../engine/index.ts'
import { baseFiles, changed, type Golden, goldens } from './support.ts'

const base = baseFiles()
const all = goldens()

async function issuesOf({ changes = [], overrides, run = false, openapi }: Golden): Promise<readonly Issue[]> {
  const files = changed(base, changes)
  const { catalog, issues } = compileCatalog(files)
  const acme = catalog?.integrations.get('acme')
  if (overrides !== undefined) return compileOverrides(acme!, catalog!.models, overrides).issues
  if (openapi !== undefined)
    return [...issues, ...compareWithOpenApi(files, 'acme', readOpenApi({ openapi: '3.0.3', ...openapi }))]
  return run ? [...issues, ...(await runCases(catalog!, files)).issues, ...unshownIssues(catalog!, files)] : issues
}

/** The text below the carets of an issue's frame. */
function markedIn({ frame, column, endColumn }: Issue): string {
  const row = frame.split('\n').find((line) => line.startsWith('>')) ?? ''
  return row.slice(row.indexOf('| ') + 2).slice(column - 1, endColumn - 1)
}

describe('the base', () => {
  it('has no issue, and its cases hold', async () => {
    const { catalog, issues } = compileCatalog(base)
    expect(issues).toEqual([])
    expect(await runCases(catalog!, base)).toEqual({ count: 2, issues: [] })
  })
})

describe.each(all)('bad definitions: %s', (_file, entries) => {
  it.each(entries.map((golden) => [golden.name, golden] as const))('%s', async (_name, golden) => {
    const issues = await issuesOf(golden)
    const found = issues.map(({ code, severity, file, line, column }) => ({ code, severity, file, line, column }))
    expect(found).toEqual(
      golden.expect.map(({ code, severity = 'error', file, line, column }) => ({ code, severity, file, line, column })),
    )
    for (const [index, { at }] of golden.expect.entries()) {
      expect(markedIn(issues[index]!).startsWith(at)).toBe(true)
      expect(issues[index]!.message).not.toBe('')
      expect(issues[index]!.hint).not.toBe('')
    }
  })
})

describe('the goldens', () => {
  const entries = all.flatMap(([, each]) => each)
  const codesOf = ({ expect: expected }: Golden) => new Set(expected.map(({ code }) => code))

  it('are at least sixty', () => {
    expect(entries.length).toBeGreaterThanOrEqual(60)
  })

  it('cover every code, each at most three times', () => {
    const counts = Object.keys(ISSUE_CODES).map((code) => entries.filter((entry) => codesOf(entry).has(code)).length)
    const named = Object.keys(ISSUE_CODES).map((code, index) => [code, counts[index]] as const)
    expect(named.filter(([, count]) => count === 0)).toEqual([])
    expect(named.filter(([, count = 0]) => count > 3)).toEqual([])
  })

  it('all come out in one run when they stand in one definition', () => {
    const inOne: [from: string, to: string, code: string][] = [
      ['model: desk', 'model: desk\nnote: none', 'unknown_key'],
      ['email: mail\n', 'emial: mail\n', 'unknown_field'],
      ['$money(amount, currency)', '$mony(amount)', 'unknown_function'],
      ['use: shapes.place', 'use: shapes.plaice', 'unknown_shape'],
      ['list: { from: charges.list }', 'list: { from: charges.lost }', 'unknown_operation'],
      ['map: { on: active, off: gone }', 'map: { on: aktive, off: gone }', 'enum_unknown_value'],
      ['person_id: { param: person }', 'person_id: { param: person, ops: [in] }', 'unsupported_op'],
      ['payer\n', "payer ? 'a' : 'b'\n", 'yaml_trap'],
    ]
    const file = 'integrations/acme/mappings/desk.yaml'
    const bad = base.map((each) =>
      each.path === file
        ? { ...each, text: inOne.reduce((text, [from, to]) => text.replace(from, () => to), each.text) }
        : each,
    )
    const { catalog, issues } = compileCatalog(bad)
    expect(catalog).toBeUndefined()
    for (const [, , code] of inOne) expect(issues.map((issue) => issue.code)).toContain(code)
  })
})

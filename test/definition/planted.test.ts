import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { compileCatalog, renderIssues } from '../../engine/index.ts'
import { baseFiles, type Change, changed, type ExpectedIssue } from './support.ts'

interface Planted {
  readonly name: string
  readonly change: Change
  readonly expect: ExpectedIssue
}

const planted = parse(
  readFileSync(fileURLToPath(new URL('./planted.yaml', import.meta.url)), 'utf8'),
) as readonly Planted[]
const files = changed(
  baseFiles(),
  planted.map(({ change }) => change),
)
const { catalog, issues } = compileCatalog(files)
interface Address {
  readonly code: string
  readonly severity?: string
  readonly file: string
  readonly line: number
  readonly column: number
}
const addressOf = ({ code, severity = 'error', file, line, column }: Address): string =>
  `${file}:${line}:${column} ${severity} ${code}`

describe('a definition with more than thirty planted faults', () => {
  it('reports every one of them at its line and column, and nothing else', () => {
    expect(planted.length).toBeGreaterThanOrEqual(30)
    expect(catalog).toBeUndefined()
    const wanted = planted.map(({ expect: each }) => addressOf(each)).sort()
    expect(issues.map(addressOf).sort()).toEqual(wanted)
  })

  it.each(planted.map(({ name, expect: each }) => [name, each] as const))(
    'shows where %s is, and what to do',
    (_name, each) => {
      const text = files.find(({ path }) => path === each.file)?.text.split('\n')[each.line - 1] ?? ''
      expect(text.slice(each.column - 1)).toMatch(new RegExp(`^${each.at.replace(/[$()[\]{}^?|+*\\.]/g, '\\$&')}`))
      const found = issues.find(
        (issue) => issue.file === each.file && issue.line === each.line && issue.code === each.code,
      )
      expect(found?.hint).not.toBe('')
      expect(renderIssues(issues)).toContain(`${each.file}:${each.line}:${each.column}`)
    },
  )
})

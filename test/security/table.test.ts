import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT, textOf } from '../support/house.ts'

const page = textOf('docs/security.md')
const [held = ''] = page.split('## Not built yet')
/** Rows of the tables that say what must hold; others say where things run. */
const rows = held
  .split('\n\n')
  .filter((block) => block.startsWith('| What must hold'))
  .flatMap((block) => block.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| What must hold')))
const named = (text: string): string[] => text.match(/\btest\/[\w./-]+\.ts\b/g) ?? []

it('every line that is held names its tests', () => {
  expect(rows.length).toBeGreaterThan(40)
  expect(rows.filter((row) => row.split(' | ').length !== 3 || named(row.split(' | ')[2] ?? '').length === 0)).toEqual(
    [],
  )
})

it('every test that is named is there', () => {
  expect(named(page).filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

it('every test of this folder but this one holds a line', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts') && name !== 'table.test.ts')
  expect(files.map((name) => `test/security/${name}`).filter((path) => !named(held).includes(path))).toEqual([])
})

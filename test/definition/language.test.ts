import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { languageMarkdown } from '../../engine/definition/index.ts'
import { ISSUE_CODES } from '../../engine/index.ts'
import { DOCUMENTS, LANGUAGE_SCHEMA } from '../../engine/schema/generated.ts'
import { ROOT } from '../support/house.ts'

const page = languageMarkdown()

describe('the reference of the language', () => {
  it('is up to date: `npm run generate` writes it', () => {
    expect(readFileSync(join(ROOT, 'docs/reference/definition-language.md'), 'utf8')).toBe(page)
  })

  it('has a section for every definition, and links only to sections', () => {
    const sections = new Set([...page.matchAll(/^## (.+)$/gm)].map(([, name = '']) => name.toLowerCase()))
    for (const name of [...Object.values(DOCUMENTS), ...Object.keys(LANGUAGE_SCHEMA.$defs)]) {
      expect(sections).toContain(name.toLowerCase())
    }
    const targets = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, target = '']) => target)
    expect(targets.filter((target) => !sections.has(target))).toEqual([])
  })

  it('names every code of an issue', () => {
    for (const code of Object.keys(ISSUE_CODES)) expect(page).toContain(`| \`${code}\` |`)
  })

  it('has the same number of cells in every row', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('|'))
    const cells = (row: string) => row.replaceAll('\\|', '').split('|').length
    expect(rows.filter((row) => ![4, 5].includes(cells(row)))).toEqual([])
  })
})

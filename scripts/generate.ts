// `npm run generate`: writes the reference pages that are made from code and definitions. The schema's types come from
// generate-schema.mjs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileCatalog, languageMarkdown, renderIssues } from '../engine/definition/index.ts'
import { coverageOf } from '../engine/execute/coverage.ts'
import { functionsMarkdown } from '../engine/expression/index.ts'
import { readDefinitions } from '../server/definitions.ts'
import { errorsPage, settingsPage } from '../server/reference.ts'
import { coveragePages } from './coverage-pages.ts'

const root = join(import.meta.dirname, '../..')
const pages: Readonly<Record<string, string>> = {
  'reference/definition-language.md': languageMarkdown(),
  'reference/functions.md': functionsMarkdown(),
  'errors.md': errorsPage(),
  'settings.md': settingsPage(),
  ...(await coverage()),
}

/** Pages of what the definitions cover; none while they do not compile, since the types above may mend that. */
async function coverage(): Promise<Readonly<Record<string, string>>> {
  const { catalog, issues } = compileCatalog(await readDefinitions([{ path: root }]))
  if (catalog !== undefined) return coveragePages(coverageOf(catalog))
  console.error(`${renderIssues(issues)}\nThe coverage pages are left as they were: the definitions have errors.`)
  process.exitCode = 1
  return {}
}

for (const [name, text] of Object.entries(pages)) writeFileSync(join(root, 'docs', name), text)

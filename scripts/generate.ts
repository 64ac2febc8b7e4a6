// `npm run generate`: writes the reference pages that are made from code. The schema's types come from generate-schema.mjs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { languageMarkdown } from '../engine/definition/index.ts'
import { functionsMarkdown } from '../engine/expression/index.ts'
import { errorsPage, settingsPage } from '../server/reference.ts'

const pages: Readonly<Record<string, string>> = {
  'reference/definition-language.md': languageMarkdown(),
  'reference/functions.md': functionsMarkdown(),
  'errors.md': errorsPage(),
  'settings.md': settingsPage(),
}

const docs = join(import.meta.dirname, '../../docs')
for (const [name, text] of Object.entries(pages)) writeFileSync(join(docs, name), text)

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtInFolder } from '../load-definitions.ts'

/** A page of the guide. */
export interface DocsPage {
  readonly name: string
  readonly title: string
  /** Its first paragraph. */
  readonly description: string
  readonly text: string
  /** Texts of its sections, with their headings, by the name that links use. */
  readonly sections: ReadonlyMap<string, string>
}

let known: ReadonlyMap<string, DocsPage> | undefined

/** The pages of `docs/` by name, read at the first use; none in an installation without them. */
export function docsPages(): ReadonlyMap<string, DocsPage> {
  known ??= readPages(join(builtInFolder(), 'docs'))
  return known
}

function readPages(folder: string): ReadonlyMap<string, DocsPage> {
  const names = filesOf(folder).filter((name) => name.endsWith('.md'))
  const pages = names.map((file) => pageOf(file.slice(0, -3), readFileSync(join(folder, file), 'utf8')))
  return new Map(pages.map((page) => [page.name, page]))
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

const withoutMarkup = (text: string): string => text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '')

function pageOf(name: string, text: string): DocsPage {
  const blocks = text.split(/\n{2,}/).map((block) => block.replaceAll('\n', ' ').trim())
  const title = blocks.find((block) => block.startsWith('# '))?.slice(2) ?? name
  const description = blocks.find((block) => /^[^#<`|-]/.test(block)) ?? ''
  return {
    name,
    title: withoutMarkup(title),
    description: withoutMarkup(description),
    text,
    sections: sectionsOf(text),
  }
}

/** Sections begin with `## `; what looks like a heading within a fenced block is none. */
function sectionsOf(text: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string[]>()
  let lines: string[] | undefined
  let isFenced = false
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) isFenced = !isFenced
    const [, heading] = (isFenced ? null : /^## (.+)$/.exec(line)) ?? []
    if (heading !== undefined) {
      lines = []
      sections.set(anchorOf(heading), lines)
    }
    lines?.push(line)
  }
  return new Map([...sections].map(([name, own]) => [name, own.join('\n').trim()]))
}

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .trim()
    .replaceAll(' ', '-')

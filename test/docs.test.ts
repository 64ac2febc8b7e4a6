import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Block, readBlocks } from './support/docs/blocks.ts'
import { type Desk, openDesk } from './support/docs/desk.ts'
import { pathsBelow, ROOT, textOf } from './support/house.ts'

const written = ['README.md', 'AGENTS.md', 'CHANGELOG.md', ...pathsBelow('docs').filter((path) => path.endsWith('.md'))]
const isTried = ({ language, norun }: Block) => language !== 'text' && norun === null
const pages = written
  .filter((path) => !path.startsWith('docs/decisions/'))
  .map((page) => ({ page, blocks: readBlocks(page, textOf(page)).filter(isTried) }))

const tried = pages.filter(({ blocks }) => blocks.length > 0)

describe.each(tried.map(({ page, blocks }) => [page, blocks] as const))('%s', (_page, blocks) => {
  let desk: Desk
  beforeAll(async () => {
    desk = await openDesk(blocks)
  })
  afterAll(async () => {
    await desk?.close()
  })

  it.each(blocks.map((block) => [`${block.language} at line ${block.line}`, block] as const))(
    '%s',
    async (_name, block) => {
      await desk.try(block)
    },
    120_000,
  )
})

describe('links', () => {
  it.each(written)('%s links to files that are there', (page) => {
    const targets = [...textOf(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map((found) => found[1] ?? '')
    expect(targets.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([])
  })
})

describe('the runner', () => {
  const fenced = (info: string, code: string) => `text\n\n\`\`\`${info}\n${code}\n\`\`\`\n`
  const tryAll = async (...blocks: Block[]) => {
    const desk = await openDesk(blocks)
    try {
      for (const block of blocks) await desk.try(block)
    } finally {
      await desk.close()
    }
  }
  const block = (info: string, code: string): Block => readBlocks('page.md', fenced(info, code))[0] as Block

  it('reads language, place and notes of a block', () => {
    expect(readBlocks('page.md', fenced('bash norun: needs a real key', 'x'))).toEqual([
      {
        page: 'page.md',
        line: 3,
        language: 'bash',
        code: 'x\n',
        norun: 'needs a real key',
        fails: false,
        definition: null,
      },
    ])
  })

  it.each([
    ['norun without a reason', fenced('bash norun', 'x')],
    ['norun with an empty reason', fenced('bash norun: ', 'x')],
    ['an unknown language', fenced('cobol', 'x')],
    ['no language', fenced('', 'x')],
    ['an open fence', '```bash\nx\n'],
  ])('refuses %s', (_name, markdown) => {
    expect(() => readBlocks('page.md', markdown)).toThrow(/^page\.md:\d+: /)
  })

  it.each([
    ['bash', 'true\nfalse\ntrue'],
    ['bash', 'false | true'],
    ['bash', 'echo $UNSET_NAME'],
    ['bash fails', 'true'],
    ['js', "throw new Error('no')"],
    ['ts', 'const n: number = 1\nprocess.exit(n)'],
    ['json', '{ "a": ... }'],
    ['yaml', 'a: [1'],
  ])('a %s example that is not true fails: %j', async (info, code) => {
    await expect(tryAll(block(info, code))).rejects.toThrow(/^page\.md:3: /)
  })

  it('runs true examples of every language, and keeps what a page has set', async () => {
    await tryAll(
      block('bash', 'NAME=acme'),
      block('bash', 'test "$NAME" = acme && test -f package.json'),
      block('bash fails', 'exit 3'),
      block('js', "import { parse } from 'yaml'\nif (parse('a: 1').a !== 1) throw new Error()"),
      block('ts', 'const n: number = 0\nprocess.exit(n)'),
      block('json', '{ "a": 1 }'),
      block('yaml', 'a: 1'),
    )
  })
})

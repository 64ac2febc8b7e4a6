import { describe, expect, it } from 'vitest'
import { countTests } from './support/counts-reporter.ts'
import { pathsBelow, readFiles, textOf } from './support/house.ts'
import { NOT_INSTALLED } from './support/official-cli.ts'
import { ABSENT } from './support/shared-data.ts'

interface Manifest {
  readonly engines: Record<string, string>
  readonly scripts: Record<string, string>
  readonly dependencies: Record<string, string>
  readonly devDependencies: Record<string, string>
}

const manifest = JSON.parse(textOf('package.json')) as Manifest
const lock = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, Manifest> }
const lineCount = (path: string) => textOf(path).trimEnd().split('\n').length

const COMMANDS: Readonly<Record<string, string>> = { typescript: 'tsc', '@biomejs/biome': 'biome' }

/** The packages that no file of the folders names in quotes, nor any of the commands calls. */
function unused(packages: readonly string[], folders: readonly string[], commands: readonly string[]): string[] {
  const code = readFiles(folders, /\.(tsx?|mjs)$/)
    .map(({ text }) => text)
    .join('\n')
  const isNamed = (name: string) => new RegExp(`['"]${name}(/[^'"]+)?['"]`).test(code)
  const isCalled = (name: string) => new RegExp(`\\b${COMMANDS[name] ?? name}\\b`).test(commands.join('\n'))
  return packages.filter((name) => !isNamed(name) && !isCalled(name))
}

describe('package.json', () => {
  const { dependencies, devDependencies, scripts } = manifest

  it('pins every dependency to one version, the one in the lock file', () => {
    const all = Object.entries({ ...dependencies, ...devDependencies })
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
    expect(lock.packages['']?.dependencies).toEqual(dependencies)
    expect(lock.packages['']?.devDependencies).toEqual(devDependencies)
  })

  it('has no dependency that the product does not import', () => {
    expect(unused(Object.keys(dependencies), ['engine', 'server'], [])).toEqual([])
  })

  it('has no development dependency that nothing uses', () => {
    const types = Object.keys(devDependencies).filter((name) => name.startsWith('@types/'))
    const rest = Object.keys(devDependencies).filter((name) => !types.includes(name))
    expect(unused(rest, ['test', 'scripts', 'bench'], Object.values(scripts))).toEqual([])
    expect(
      types.filter((name) => name !== '@types/node' && !(name.slice(7) in { ...dependencies, ...devDependencies })),
    ).toEqual([])
  })

  it('sees an unused package', () => {
    expect(unused(['left-pad', 'typescript', 'yaml'], ['engine', 'scripts'], ['tsc -p x', "import 'yaml'"])).toEqual([
      'left-pad',
    ])
  })

  it('refuses an older Node at install', () => {
    expect(textOf('.npmrc')).toContain('engine-strict=true')
    expect(manifest.engines.node).toBe('>=20.20')
  })

  it('offers the scripts that the guides name', () => {
    const names = ['dev', 'build', 'check', 'test', 'lint', 'format', 'generate', 'validate', 'bench', 'start']
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(names))
  })
})

describe('written by hand', () => {
  const records = pathsBelow('docs/decisions').filter((path) => !path.endsWith('README.md'))

  it('decision records are numbered without a gap and listed in their index', () => {
    const index = textOf('docs/decisions/README.md')
    const numbers = records.map((path) => /^docs\/decisions\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1])
    expect(numbers).toEqual(records.map((_, position) => String(position + 1).padStart(4, '0')))
    expect(records.filter((path) => !index.includes(`(${path.split('/').at(-1)})`))).toEqual([])
  })

  it.each([...records.map((path) => [path, 45] as const), ['AGENTS.md', 120] as const])(
    '%s has at most %i lines',
    (path, most) => {
      expect(lineCount(path)).toBeLessThanOrEqual(most)
    },
  )

  it('nothing in the tree is marked as unfinished or names a folder of one machine', () => {
    const folders = ['engine', 'server', 'integrations', 'unified-models', 'test', 'bench', 'scripts', 'docs', '.ci']
    const marks = /\b(TO[D]O|FI[X]ME|HA[C]K)\b|(^|[^\w.-])\/(work|farm)\//
    const marked = readFiles(folders, /(?<!\/\.artifacts\/.*)\.(tsx?|mjs|ya?ml|md)$|\.ci\/run$/).filter(({ text }) =>
      marks.test(text),
    )
    expect(marked.map(({ path }) => path)).toEqual([])
  })

  it('the changelog has what is not released on top', () => {
    expect(/^## .*/m.exec(textOf('CHANGELOG.md'))?.[0]).toBe('## Unreleased')
  })
})

describe('counting tests', () => {
  const test = (fullName: string, state: string, note?: string) =>
    ({ fullName, result: () => ({ state, note }) }) as never

  it('counts broken files as failed, and tells allowed skips from others', () => {
    const tests = [
      test('a', 'passed'),
      test('b', 'failed'),
      test('c', 'skipped', `${ABSENT}: spec.json`),
      test('d', 'skipped'),
      test('e', 'pending'),
      test('f', 'skipped', `${NOT_INSTALLED}: acme 1.0.0`),
    ]
    expect(countTests(tests, 2)).toEqual({
      passed: 1,
      failed: 3,
      allowedSkips: [`c: ${ABSENT}: spec.json`, `f: ${NOT_INSTALLED}: acme 1.0.0`],
      unallowedSkips: ['d: no reason given', 'e: no reason given'],
    })
  })
})

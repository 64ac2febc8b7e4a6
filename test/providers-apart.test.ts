import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileCatalog, imageOfIntegration, type SourceFile } from '../engine/index.ts'
import { readDefinitions } from '../server/definitions.ts'
import { providerNames } from './support/architecture/laws.ts'
import { pathsBelow, readFiles } from './support/house.ts'

// A provider is its folder: it can be taken away and put back, and nothing else notices.
const files: readonly SourceFile[] = (await readDefinitions([{ path: join(import.meta.dirname, '..') }])).filter(
  ({ path }) => !path.includes('/cases/'),
)
const nameIn = (path: string): string | undefined => /^integrations\/([^/]+)\//.exec(path)?.[1]
const names = [...new Set(pathsBelow('integrations').map(nameIn))].filter((name) => name !== undefined)

function imagesWithout(gone: readonly string[]): ReadonlyMap<string, unknown> {
  const { catalog, issues } = compileCatalog(files.filter(({ path }) => !gone.includes(nameIn(path) ?? '')))
  expect(issues).toEqual([])
  return new Map([...(catalog?.integrations ?? [])].map(([name, found]) => [name, imageOfIntegration(found)]))
}

describe('the folders of providers', () => {
  it('can be taken away, three at a time, and the others stay what they are', () => {
    const all = imagesWithout([])
    expect([...all.keys()].sort()).toEqual([...names].sort())
    for (let from = 0; from < names.length; from += 3) {
      const gone = names.slice(from, from + 3)
      const left = imagesWithout(gone)
      expect([...left.keys()]).toEqual([...all.keys()].filter((name) => !gone.includes(name)))
      for (const [name, image] of left) expect(image, name).toEqual(all.get(name))
    }
  })

  it('are named by no script that makes or checks them; the architecture test says it of engine/ and server/', () => {
    expect(providerNames(readFiles(['scripts'], /./), names)).toEqual([])
  })
})

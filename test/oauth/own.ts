import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { compileCatalog } from '../../engine/definition/index.ts'
import { createEngine, type Engine, Secret } from '../../engine/index.ts'
import { readDefinitions } from '../../server/definitions.ts'
import { openDesk } from '../support/calls.ts'
import { type Script, startUpstream, type Upstream } from '../support/upstream.ts'

const { catalog } = compileCatalog(await readDefinitions([{ path: join(import.meta.dirname, '../..') }]))

/** An engine with the project's own definitions, and a provider that is played. */
export interface OwnStand {
  readonly upstream: Upstream
  readonly engineWith: (credentials: Readonly<Record<string, string>>) => Engine
}

/** Opens it for an app of an environment; it ends with the test. */
export async function openOwnStand(app: Readonly<Record<string, string>>, script: Script): Promise<OwnStand> {
  if (catalog === undefined) throw new Error('The definitions do not compile')
  const upstream = await startUpstream(script)
  const desk = openDesk({ resources: {} }, upstream.url)
  onTestFinished(async () => {
    await desk.close()
    await upstream.close()
  })
  const engineWith = (credentials: Readonly<Record<string, string>>) => {
    const apps = { load: () => Promise.resolve(new Secret(app)) }
    const stored = { load: () => Promise.resolve(new Secret(credentials)) }
    return createEngine({ catalog, ports: { ...desk.context.ports, apps, credentials: stored } })
  }
  return { upstream, engineWith }
}

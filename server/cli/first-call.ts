import { relative } from 'node:path'
import type { OnefoldServer } from '../server.ts'
import type { IntegratedAccount } from '../stores/index.ts'

/** The ready line, and a first call that works at every start: it reads the token where it is kept. */
export async function firstCall(server: OnefoldServer): Promise<string> {
  const { url, passthroughPort } = server
  const dropIn = passthroughPort === null ? '' : ` (drop-in port ${passthroughPort})`
  const path = await firstPath(server)
  const lines = [`Onefold is ready on ${url}${dropIn}`, '', `  curl "${url}${path}" \\`]
  return [...lines, `    -H "Authorization: Bearer ${tokenText(server)}"`, ''].join('\n')
}

function tokenText({ adminTokenPath }: OnefoldServer): string {
  if (adminTokenPath === null) return '$ONEFOLD_ADMIN_TOKEN'
  const near = relative(process.cwd(), adminTokenPath)
  const shown = near.startsWith('..') ? adminTokenPath : near
  return `$(cat ${/^[\w./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`})`
}

async function firstPath({ services }: OnefoldServer): Promise<string> {
  const { stores, engine, sandboxEnvironment } = services
  for (const environment of [sandboxEnvironment, 'default']) {
    if (environment === null) continue
    const { result } = await stores.accounts.list(environment, { status: 'active', limit: 100 })
    for (const account of result) {
      const mapped = mappedResource(engine.catalog().integrations.get(account.integration)?.mappings, account)
      if (mapped !== undefined) return mapped
    }
  }
  return '/integrated-account'
}

/** Payments when there are some: the resource everybody looks for first. */
function mappedResource(
  mappings: ReadonlyMap<string, unknown> | undefined,
  { id }: IntegratedAccount,
): string | undefined {
  const names = [...(mappings?.keys() ?? [])]
  const name = names.find((one) => one.endsWith('/payments')) ?? names[0]
  return name === undefined ? undefined : `/unified/${name}?integrated_account_id=${id}&limit=3`
}

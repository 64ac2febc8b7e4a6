import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../engine/index.ts'
import { readSettings } from '../../server/config.ts'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { type OnefoldServer, startServer } from '../../server/server.ts'
import { ADMIN, listeningLog, settingsIn } from '../http/stand.ts'

/** An answer of the server, parsed. */
export interface Told {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly body: any
}

/** An account of a front: the sandbox behind it, and how it is named. */
export interface Fronted {
  readonly id: string
  readonly integration: string
  readonly world: RunningSandbox
  /** Where its requests go; the sandbox itself by default. */
  readonly origin?: string
  readonly tenant?: string
}

/** A server in a folder of its own whose accounts stand before sandboxes. */
export interface Front {
  readonly server: OnefoldServer
  /** Origin of its drop-in port. */
  readonly dropIn: string
  /** Calls it as the admin, or with another token. */
  call(verb: string, path: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<Told>
  /** Connects an account. Throws when the server refuses it. */
  connect(account: Fronted): Promise<void>
  /** A token of an account, also for the drop-in port. */
  tokenOf(id: string, effects?: readonly string[]): Promise<string>
  /** Ends it and removes its folder. */
  close(): Promise<void>
}

/** Starts a server that has no accounts yet and may reach this machine; by the wall clock, unless it is given one. */
export async function openFront(clock?: Clock): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-front-'))
  const settings = readSettings(settingsIn(folder), folder)
  const server = await startServer(settings, listeningLog(), clock === undefined ? {} : { clock })
  const call: Front['call'] = async (verb, path, body, headers = {}) => {
    const response = await fetch(`${server.url}${path}`, {
      method: verb,
      headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: await response.json() }
  }
  const post = async (path: string, body: object): Promise<Told['body']> => {
    const told = await call('POST', path, body)
    if (told.status >= 300) throw new Error(`${path}: ${JSON.stringify(told.body)}`)
    return told.body
  }
  return {
    server,
    dropIn: `http://127.0.0.1:${server.passthroughPort}`,
    call,
    connect: async ({ id, integration, world, origin = world.origin, tenant = 't' }) => {
      await post('/integrated-account', {
        id,
        integration,
        tenant_id: tenant,
        authentication_method: world.authMethod,
        credentials: world.credentials,
        settings: { ...world.connection, base_url: origin },
      })
    },
    tokenOf: async (id, effects = ['read', 'write', 'money', 'credential']) =>
      (await post(`/integrated-account/${id}/token`, { effects, expires_in: null })).token,
    close: async () => {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

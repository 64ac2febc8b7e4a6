import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStand, type Stand } from '../http/stand.ts'

const require = createRequire(import.meta.url)
const COMMAND = require.resolve('@modelcontextprotocol/conformance/dist/index.js')

const PASSES = [
  'server-initialize',
  'ping',
  'tools-list',
  'dns-rebinding-protection',
  // Of sessions, which this server does not keep: the suite notes that and checks nothing.
  'server-sse-polling',
  'server-sse-multiple-streams',
]

/** What a scenario asks for that this server does not have. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  "a tool of the suite's own, such as test_simple_text": [
    'tools-call-simple-text',
    'tools-call-image',
    'tools-call-audio',
    'tools-call-embedded-resource',
    'tools-call-mixed-content',
    'tools-call-with-logging',
    'tools-call-error',
    'tools-call-with-progress',
    'tools-call-sampling',
    'tools-call-elicitation',
    'json-schema-2020-12',
    'elicitation-sep1034-defaults',
    'elicitation-sep1330-enums',
  ],
  "logging to the client, which is no part of the server's capabilities": ['logging-set-level'],
  'completion of arguments of prompts': ['completion-complete'],
  'resources, which are not built yet': [
    'resources-list',
    'resources-read-text',
    'resources-read-binary',
    'resources-templates-read',
    'resources-subscribe',
    'resources-unsubscribe',
  ],
  'prompts, which are not built yet': [
    'prompts-list',
    'prompts-get-simple',
    'prompts-get-with-args',
    'prompts-get-embedded-resource',
    'prompts-get-with-image',
  ],
}

let stand: Stand
let front: Server
let folder: string
beforeAll(async () => {
  stand = await openStand()
  front = await startFront(stand.url, await stand.accountToken({ effects: ['read', 'write'] }))
  folder = mkdtempSync(join(tmpdir(), 'onefold-conformance-'))
})
afterAll(async () => {
  front.closeAllConnections()
  front.close()
  await stand.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The suite cannot send a token: this adds it to every request and changes nothing else. */
async function startFront(url: string, token: string): Promise<Server> {
  const { hostname, port } = new URL(url)
  const server = createServer((incoming, response) => {
    const { method, url: path, headers } = incoming
    const own = { ...headers, authorization: `Bearer ${token}` }
    const onward = request({ hostname, port, method, path, headers: own }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function runSuite(port: number): Promise<string> {
  const args = [COMMAND, 'server', '--url', `http://127.0.0.1:${port}/mcp`, '--suite', 'all', '-o', folder]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, timeout: 100_000 }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}

it('passes every scenario of the official suite that needs nothing of its own', async () => {
  const said = await runSuite((front.address() as AddressInfo).port)
  const lines = [...said.matchAll(/^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed/gm)]
  const failed = lines.filter((line) => line[3] !== '0').map((line) => line[1])
  const passed = lines.filter((line) => line[3] === '0').map((line) => line[1])
  expect(passed.sort()).toEqual([...PASSES].sort())
  expect(failed.sort()).toEqual(Object.values(NEEDS).flat().sort())
}, 120_000)

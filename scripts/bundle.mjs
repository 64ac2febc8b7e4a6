// Puts the modules of the command line and of the server into a few files: reading hundreds of small ones is most of a start.
// What is compiled stays beside it, for workers and benches; dist/server/cli/main.js leads to the bundle.
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { rolldown } from 'rolldown'

/** Packages with machine code, workers or files of their own to read; jsonata is loaded into a context of its own. */
const APART = ['ajv', 'ajv-formats', 'better-sqlite3', 'graphile-worker', 'jsonata', 'pg', 'pino', 'swagger-ui-dist']

const isOf = (name) => (id) => id === name || id.startsWith(`${name}/`)

/** Writes dist/bundle/. */
export async function writeBundle(dist) {
  const folder = join(dist, 'bundle')
  const main = join(dist, 'server/cli/main.js')
  rmSync(folder, { recursive: true, force: true })
  const bundle = await rolldown({
    input: main,
    platform: 'node',
    external: (id) => APART.some((name) => isOf(name)(id)),
    plugins: [{ name: 'place', transform: (code, id) => placed(code, relative(folder, id)) }],
  })
  await bundle.write({ dir: folder, format: 'esm', sourcemap: true, chunkFileNames: '[name].js' })
  await bundle.close()
  writeFileSync(main, `#!/usr/bin/env node\nimport '${relative(dirname(main), join(folder, 'main.js'))}'\n`)
}

/** A module of ours finds its files from where it stood. */
function placed(code, place) {
  if (place.includes('node_modules') || !code.includes('import.meta.')) return null
  const text = code
    .replaceAll('import.meta.dirname', `(import.meta.dirname + ${JSON.stringify(`/${dirname(place)}`)})`)
    .replaceAll('import.meta.url', `new URL(${JSON.stringify(place)}, import.meta.url).href`)
  return { code: text, map: null }
}

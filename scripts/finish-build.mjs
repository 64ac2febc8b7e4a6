// Runs after tsc: copies what is not TypeScript (schemas, pages, styles, SQL) beside the compiled code,
// removes compiled files whose source is gone, so that dist/ never serves a deleted module, and writes images of the
// built-in definitions, so that a start need not read and check them. Link's package for browsers is wrapped as the
// script /link.js too.
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { writeBundle } from './bundle.mjs'

const root = resolve(import.meta.dirname, '..')
const dist = join(root, 'dist')
const compiled = ['engine', 'server', 'scripts', 'bench']
const withAssets = ['engine', 'server']

function filesBelow(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

function copyAsset(file) {
  const target = join(dist, relative(root, file))
  const unchanged = existsSync(target) && statSync(target).mtimeMs >= statSync(file).mtimeMs
  if (unchanged) return
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(file, target)
}

/** The source that a file of dist/ came from: x.js, x.js.map and x.d.ts from x.ts or x.tsx, anything else from its namesake. */
function hasSource(file) {
  const source = join(root, relative(dist, file))
  const stem = source.replace(/\.(js(\.map)?|d\.ts)$/, '')
  return [source, `${stem}.ts`, `${stem}.tsx`].some(existsSync)
}

for (const room of withAssets) {
  for (const file of filesBelow(join(root, room))) if (!/\.tsx?$/.test(file)) copyAsset(file)
}
for (const room of compiled) {
  for (const file of filesBelow(join(dist, room))) if (!hasSource(file)) rmSync(file)
}
writeScript(join(dist, 'server/link/sdk'))

/** The package as a plain script: what it exports is found on `Onefold`. */
function writeScript(folder) {
  const code = readFileSync(join(folder, 'index.js'), 'utf8')
  const names = [...code.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name)
  const body = code.replaceAll(/^export /gm, '')
  const text = `(() => {\n${body}globalThis.Onefold = Object.freeze({ ${names.join(', ')} })\n})()\n`
  writeFileSync(join(folder, 'link.js'), text)
}

chmodSync(join(dist, 'server/cli/main.js'), 0o755)

/** The code that compiles definitions, and the versions of what it uses: an image fits no other. */
function markOfCode() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package.json')))
  const code = filesBelow(join(dist, 'engine')).filter((file) => file.endsWith('.js'))
  for (const file of code.sort()) hash.update(relative(dist, file)).update(readFileSync(file))
  return hash.digest('hex')
}

mkdirSync(join(dist, 'definitions'), { recursive: true })
writeFileSync(join(dist, 'definitions', 'code.sha256'), markOfCode())
await import(join(dist, 'scripts/write-images.js'))
await writeBundle(dist)

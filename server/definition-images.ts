import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  digestOf,
  type Image,
  type Log,
  type SectionReader,
  type SourceDigest,
  type SourceFile,
} from '../engine/index.ts'
import { type DefinitionFile, readDefinition } from './definitions.ts'

/** What an image is of: its name, and everything beside its own files that it depends on. */
export interface ImageSubject {
  /** The file name of its image, without ending. */
  readonly name: string
  readonly dependsOn: readonly string[]
}

/** An image that fits: how its sections are read, and the digests of the files that it was made of. */
export interface OpenedImage {
  readonly section: SectionReader
  readonly sources: readonly SourceDigest[]
}

/** Where images are read and kept. */
export interface ImageOptions {
  /** Folder of the images that the build wrote, with the mark of the code that they fit; without a mark there are no images. */
  readonly built: string
  /** Folder in which images are kept besides; null keeps none. */
  readonly kept: string | null
  readonly log: Log
}

/** Size and time of a file as they were when its image was written. */
type Entry = readonly [path: string, sha256: string, size: number, mtimeMs: number]

interface Header {
  readonly key: string
  readonly files: readonly Entry[]
  readonly sections: readonly (readonly [name: string, bytes: number])[]
  /** Of all sections: sha256, hex. */
  readonly digest: string
}

interface Candidate {
  readonly header: Header
  readonly body: Buffer
  readonly folder: string
}

const MARK = 'code.sha256'

/** The folder of the images that come with this code. */
export const BUILT_IMAGES = join(import.meta.dirname, '..', 'definitions')

/** Images of checked definitions in folders. What does not fit is passed over; what cannot be written is told once. */
export class DefinitionImages {
  readonly #options: ImageOptions
  readonly #mark: string | undefined
  #isTold = false

  constructor(options: ImageOptions) {
    this.#options = options
    this.#mark = textOf(join(options.built, MARK))
  }

  /** The image of a subject when it was made of just these files by just this code. */
  open(subject: ImageSubject, files: readonly DefinitionFile[]): OpenedImage | undefined {
    if (this.#mark === undefined || files.length === 0) return undefined
    const { built, kept } = this.#options
    const read = [built, ...(kept === null ? [] : [kept])].map((folder) => once(() => this.#read(folder, subject)))
    for (const fits of [hasSameTimes, hasSameTexts]) {
      for (const candidate of read) {
        const found = candidate()
        if (found === undefined || !fits(found.header.files, files)) continue
        if (fits === hasSameTexts) this.#write(found, subject, files)
        return opened(found, files)
      }
    }
    return undefined
  }

  /** Keeps the image of a subject; `texts` are the files as they were read. */
  keep(subject: ImageSubject, files: readonly DefinitionFile[], texts: readonly SourceFile[], make: () => Image): void {
    if (this.#mark === undefined || this.#options.kept === null || files.length === 0) return
    const sections = [...make()].map(([name, text]) => [name, Buffer.from(text)] as const)
    const body = Buffer.concat(sections.map(([, bytes]) => bytes))
    const header = {
      key: this.#keyOf(subject),
      files: entriesOf(files, texts.map(digestOf)),
      sections: sections.map(([name, bytes]) => [name, bytes.length] as const),
      digest: sha256(body),
    }
    this.#write({ header, body }, subject, files)
  }

  #keyOf({ name, dependsOn }: ImageSubject): string {
    return sha256(JSON.stringify([this.#mark, name, ...dependsOn]))
  }

  #read(folder: string, subject: ImageSubject): Candidate | undefined {
    const path = join(folder, `${subject.name}.image`)
    const bytes = orUndefined(() => readFileSync(path))
    if (bytes === undefined) return undefined
    const end = bytes.indexOf('\n')
    const header = orUndefined(() => JSON.parse(bytes.toString('utf8', 0, end)) as Header)
    if (header !== undefined && header?.key !== this.#keyOf(subject)) return undefined
    const body = bytes.subarray(end + 1)
    if (header?.digest === sha256(body)) return { header, body, folder }
    this.#options.log.warn({ path }, 'an image of definitions is damaged; they are read anew')
    return undefined
  }

  /** Writes beside and renames, so that nobody reads half of it. */
  #write({ header, body }: Omit<Candidate, 'folder'>, subject: ImageSubject, files: readonly DefinitionFile[]): void {
    const { kept, log } = this.#options
    if (kept === null) return
    const path = join(kept, `${subject.name}.image`)
    const beside = `${path}.${process.pid}`
    const fresh: Header = { ...header, files: entriesOf(files, sourcesOf(header, files)) }
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      writeFileSync(beside, Buffer.concat([Buffer.from(`${JSON.stringify(fresh)}\n`), body]))
      renameSync(beside, path)
    } catch (error) {
      orUndefined(() => rmSync(beside, { force: true }))
      if (!this.#isTold)
        log.warn({ err: error, folder: kept }, 'images of definitions cannot be kept; starts take longer')
      this.#isTold = true
    }
  }
}

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')

const textOf = (path: string): string | undefined => orUndefined(() => readFileSync(path, 'utf8'))

const entriesOf = (files: readonly DefinitionFile[], digests: readonly SourceDigest[]): Entry[] =>
  files.map(({ path, size, mtimeMs }, at) => [path, digests[at]?.sha256 ?? '', size, mtimeMs])

const sourcesOf = ({ files: entries }: Header, files: readonly DefinitionFile[]): SourceDigest[] =>
  files.map(({ path, root }, at) => ({ path, root, sha256: entries[at]?.[1] ?? '' }))

type Fits = (entries: readonly Entry[], files: readonly DefinitionFile[]) => boolean

const every =
  (isSame: (entry: Entry, file: DefinitionFile) => boolean): Fits =>
  (entries, files) =>
    entries.length === files.length &&
    files.every((file, at) => {
      const entry = entries[at]
      return entry !== undefined && entry[0] === file.path && isSame(entry, file)
    })

const hasSameTimes = every(([, , size, mtimeMs], file) => size === file.size && mtimeMs === file.mtimeMs)
const hasSameTexts = every(([, digest], file) => digestOf(readDefinition(file)).sha256 === digest)

function opened({ header, body }: Candidate, files: readonly DefinitionFile[]): OpenedImage {
  const places = new Map<string, readonly [start: number, end: number]>()
  let start = 0
  for (const [name, bytes] of header.sections) {
    places.set(name, [start, start + bytes])
    start += bytes
  }
  const section = (name: string): string => {
    const place = places.get(name)
    if (place === undefined) throw new TypeError(`An image has no section ${name}`)
    return body.toString('utf8', ...place)
  }
  return { section, sources: sourcesOf(header, files) }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** What cannot be read counts as missing. */
function orUndefined<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

// The end of `npm run build`: writes images of the built-in definitions beside the code that they fit. Those that fit
// already stay; definitions with errors get none, which is no fault of the build.
import { BUILT_IMAGES, DefinitionImages } from '../server/definition-images.ts'
import { loadDefinitions } from '../server/load-definitions.ts'
import { SILENT_LOG } from '../server/log.ts'

await loadDefinitions([], undefined, new DefinitionImages({ built: BUILT_IMAGES, kept: BUILT_IMAGES, log: SILENT_LOG }))

import type { Integration } from '../../schema/generated.ts'
import { type Document, Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import type { Subject } from '../registry.ts'
import { unknownName } from '../words.ts'

/** Traits and settings that expressions anywhere in an integration read and nobody declares. */
export function checkVariables({ integration }: Subject): Issue[] {
  const { definition, documents } = integration
  if (definition === undefined) return []
  const traits = traitsOf(definition.value)
  const settings = settingsOf(definition.value)
  return documents.flatMap((document) =>
    expressionsOf(document).flatMap(({ node, paths }) =>
      paths.flatMap((path) => {
        const [variable, first, second] = path.split('.')
        if (variable === 'account' && first === 'traits' && second !== undefined && !traits.includes(second)) {
          return [unknownName(node, 'value', 'unknown_trait', 'trait', second, traits)]
        }
        const isOwn = document === definition.document && /^\/(auth|hosts)\//.test(node.pointer)
        if (variable !== 'connection' || first === undefined || settings.includes(first) || isOwn) return []
        return [unknownName(node, 'value', 'unknown_setting', 'setting', first, settings)]
      }),
    ),
  )
}

function traitsOf({ traits = {}, auth }: Integration): string[] {
  const told = (auth?.post_install ?? []).flatMap((step) => Object.keys(step?.traits ?? {}))
  return [...new Set([...Object.keys(traits), ...told])]
}

/** Names of the settings that an account of the integration can have. */
export function settingsOf({ settings = {}, auth }: Integration): string[] {
  const fields = Object.values(auth?.methods ?? {}).flatMap((method) => Object.entries(method.fields ?? {}))
  const open = [...fields, ...Object.entries(settings)].filter(([, field]) => field.secret !== true)
  return [...new Set(open.map(([name]) => name))]
}

/** Expressions of a document, those in templates too, with the variables that they read. */
function expressionsOf(document: Document): { node: Located<string>; paths: readonly string[] }[] {
  const plain = [...document.expressions].map(([pointer, expression]) => ({
    node: new Located(document, pointer, expression.source),
    paths: expression.variablePaths,
  }))
  const templates = [...document.templates].map(([pointer, template]) => ({
    node: new Located(document, pointer, template.source),
    paths: template.parts.flatMap((part) => (typeof part === 'string' ? [] : part.variablePaths)),
  }))
  return [...plain, ...templates]
}

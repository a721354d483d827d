import { isList, isRecord, isStringList } from '../../../src/core/record.ts'
import { shippedObjects } from './shipped.ts'

/** One right as `verb group/resource`: `patch palisade.dev/instances/status`. */
export type Right = string

/** What the roles of a file give. */
export function grantedRights(...files: readonly string[]): ReadonlySet<Right> {
  const rights = new Set<Right>()
  for (const { rules } of files.flatMap(shippedObjects)) {
    for (const rule of isList(rules) ? rules : []) {
      if (!isRecord(rule)) continue
      const { apiGroups, resources, verbs } = rule
      if (!isStringList(apiGroups) || !isStringList(resources) || !isStringList(verbs)) continue
      for (const verb of verbs) {
        for (const resource of resources) rights.add(`${verb} ${apiGroups[0] ?? ''}/${resource}`)
      }
    }
  }
  return rights
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** The right that a request takes, from what a front has seen: `GET /apis/palisade.dev/v1alpha1/vpcs?watch=true`. */
export function usedRight(request: string): Right {
  const [method = '', url = ''] = request.split(' ')
  const { pathname, searchParams } = new URL(url, 'http://server')
  const [root, ...segments] = pathname.split('/').slice(1)
  const group = root === 'api' ? '' : (segments.shift() ?? '')
  segments.shift()
  if (segments[0] === 'namespaces' && segments.length > 2) segments.splice(0, 2)
  const [resource = '', name, subresource] = segments
  const read = searchParams.get('watch') === 'true' ? 'watch' : name === undefined ? 'list' : 'get'
  const verb = method === 'GET' ? read : (VERBS[method] ?? method)
  return `${verb} ${group}/${subresource === undefined ? resource : `${resource}/${subresource}`}`
}

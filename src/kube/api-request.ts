import { apiVersionOf, qualifiedName, type Resource } from './resource.ts'

/** The words of roles for what one may do. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete'

/** One call to the API server, in its own terms. */
export interface ApiRequest {
  readonly verb: Verb
  readonly resource: Resource
  readonly subresource?: 'status'
  /** Absent: all namespaces, or a resource that has none. */
  readonly namespace?: string | undefined
  readonly name?: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Absent: `application/json`. */
  readonly contentType?: string
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const METHODS: Readonly<Record<Verb, Method>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
}

export function methodOf({ verb }: ApiRequest): Method {
  return METHODS[verb]
}

/** Path and query below the address of the server. */
export function pathOf(request: ApiRequest): string {
  const { verb, resource, subresource, namespace, name, query } = request
  const segments = [resource.group === '' ? 'api' : 'apis', ...apiVersionOf(resource).split('/')]
  if (resource.isNamespaced && namespace !== undefined) segments.push('namespaces', namespace)
  segments.push(resource.plural)
  if (name !== undefined) segments.push(name)
  if (subresource !== undefined) segments.push(subresource)
  const search = new URLSearchParams(verb === 'watch' ? { watch: 'true', ...query } : query).toString()
  return `/${segments.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`
}

/** The resource as a role names it: `instances/status`. */
export function roleResource({ resource, subresource }: ApiRequest): string {
  return subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`
}

/** What is done, for a sentence: `patch the status of Instance shop/web-1`. */
export function describeRequest({ verb, resource, subresource, namespace, name }: ApiRequest): string {
  if (name === undefined) {
    const where = namespace === undefined ? '' : ` in namespace ${namespace}`
    return verb === 'create'
      ? `create ${resource.kind}${where}`
      : `${verb} ${qualifiedName(resource)}${where}`
  }
  const object = `${resource.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`
  return `${verb} ${subresource === undefined ? object : `the ${subresource} of ${object}`}`
}

import { API_VERSION, type PalisadeObject } from '../../src/api/objects.ts'
import type { Instance, LabelSelector, SecurityGroup, VPC } from '../../src/api/types.gen.ts'

/**
 * The scale workloads of Antrea's NetworkPolicy controller
 * (pkg/controller/networkpolicy/networkpolicy_controller_perf_test.go), mapped: namespace to VPC,
 * policy to SecurityGroup with an instanceSelector, peer selector to a remote group with that
 * selector, pod to Instance. Addresses are drawn from a fixed sequence, so that runs are alike.
 */
export interface Workload {
  readonly name: string
  readonly build: () => PalisadeObject[]
  /** A quarter of what Antrea takes on this kind of machine. */
  readonly target: { readonly seconds: number; readonly megabytes: number }
}

export const WORKLOADS: readonly Workload[] = [
  { name: 'SmallNamespaces', build: smallNamespaces, target: { seconds: 2, megabytes: 512 } },
  { name: 'LargeNamespaces', build: largeNamespaces, target: { seconds: 0.7, megabytes: 260 } },
  { name: 'OneNamespace', build: oneNamespace, target: { seconds: 0.8, megabytes: 260 } },
  { name: 'NetpolPerPod', build: netpolPerPod, target: { seconds: 2, megabytes: 100 } },
]

/** 25,000 namespaces with 4 pods and 3 policies each: 100,000 pods, 75,000 policies. */
function smallNamespaces(): PalisadeObject[] {
  const addresses = addressSequence()
  return range(25_000).flatMap((index) => {
    const namespace = `ns-${String(index)}`
    return [
      vpc(namespace),
      group(namespace, 'default-deny-all', {}, []),
      group(namespace, 'np-1', { matchLabels: { 'app-1': 'scale-1' } }, ['np-1']),
      group(namespace, 'np-2', { matchLabels: { 'app-2': 'scale-2' } }, ['np-2']),
      ...range(4).map((pod) =>
        instance(namespace, pod, pod < 2 ? { 'app-1': 'scale-1' } : { 'app-2': 'scale-2' }, addresses()),
      ),
    ]
  })
}

/** 100 namespaces with 1,000 pods in 100 apps and 101 policies each: 100,000 pods, 10,100 policies. */
function largeNamespaces(): PalisadeObject[] {
  const addresses = addressSequence()
  return range(100).flatMap((index) => {
    const namespace = `ns-${String(index)}`
    return [
      vpc(namespace),
      group(namespace, 'default-deny-all', {}, []),
      ...range(100).map((app) => {
        const name = `app-${String(app)}`
        return group(namespace, name, { matchLabels: { app: name } }, [name])
      }),
      ...range(1000).map((pod) => instance(namespace, pod, { app: `app-${String(pod % 100)}` }, addresses())),
    ]
  })
}

/** One namespace, 10,000 pods and 10,000 policies that all select all of them. */
function oneNamespace(): PalisadeObject[] {
  const addresses = addressSequence()
  const labels = { 'app-1': 'scale-1' }
  return [
    vpc('one'),
    ...range(10_000).map((index) => {
      const name = `np-${String(index)}`
      return group('one', name, { matchLabels: labels }, [name])
    }),
    ...range(10_000).map((pod) => instance('one', pod, labels, addresses())),
  ]
}

/** One namespace, 10,000 pods with a policy each, which lets the pod's partner in. */
function netpolPerPod(): PalisadeObject[] {
  const addresses = addressSequence()
  const name = (index: number): string => `pod-${String(index)}`
  return [
    vpc('one'),
    ...range(10_000).map((index) =>
      group('one', name(index), { matchLabels: { pod: name(index) } }, [name(index ^ 1)]),
    ),
    ...range(10_000).map((pod) => instance('one', pod, { pod: name(pod) }, addresses())),
  ]
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index)

/** 10.0.0.0/8 in order: 16 million addresses, far more than any workload has instances. */
function addressSequence(): () => string {
  let next = 0
  return () => {
    next += 1
    return [10, (next >> 16) & 255, (next >> 8) & 255, next & 255].join('.')
  }
}

function vpc(namespace: string): VPC {
  return { apiVersion: API_VERSION, kind: 'VPC', metadata: { name: 'vpc', namespace }, spec: {} }
}

function group(
  namespace: string,
  name: string,
  instanceSelector: LabelSelector,
  peers: readonly string[],
): SecurityGroup {
  return {
    apiVersion: API_VERSION,
    kind: 'SecurityGroup',
    metadata: { name, namespace },
    spec: {
      vpcRef: { name: 'vpc' },
      instanceSelector,
      ingress: peers.map((peer) => ({ name: 'peers', remote: { securityGroupRef: { name: peer } } })),
      egress: [],
    },
  }
}

function instance(
  namespace: string,
  index: number,
  labels: Readonly<Record<string, string>>,
  address: string,
): Instance {
  return {
    apiVersion: API_VERSION,
    kind: 'Instance',
    metadata: { name: `pod-${String(index)}`, namespace, labels },
    spec: { vpcRef: { name: 'vpc' }, addresses: [address] },
  }
}

import { Option, type Command } from 'commander'
import { UsageError } from '../exit-status.ts'

export function kubeconfigOption(): Option {
  return new Option('--kubeconfig <file>', 'which kubeconfig; as kubectl finds it otherwise')
}

export function contextOption(): Option {
  return new Option('--context <name>', 'which context of the kubeconfig; its current one otherwise')
}

/** Reads the cluster instead of a state folder, with the options that say which. */
export interface ClusterOptions {
  readonly kubernetes?: boolean
  readonly kubeconfig?: string
  readonly context?: string
}

/**
 * Lets a verb read the cluster. Who names a kubeconfig or a context means its cluster, and never the state folder;
 * `others` are the options that name something else to read.
 */
export function orCluster(command: Command, ...others: readonly string[]): Command {
  const kubernetes = new Option('--kubernetes', 'read the cluster, not the state folder')
  return command
    .addOption(kubernetes.conflicts(['state', ...others]))
    .addOption(kubeconfigOption().implies({ kubernetes: true }))
    .addOption(contextOption().implies({ kubernetes: true }))
}

/** The cluster that manifests are put beside, and where in it those go that name no namespace. */
export interface TargetOptions extends ClusterOptions {
  /** Absent: where the context says. */
  readonly namespace?: string
}

/** Whether a cluster is asked for. Throws UsageError for a namespace of none, which would go unheard. */
export function isForCluster({ kubernetes = false, namespace }: TargetOptions): boolean {
  if (!kubernetes && namespace !== undefined) {
    throw new UsageError('-n says where in a cluster manifests go: it takes --kubernetes')
  }
  return kubernetes
}

/** Where `kubectl apply -n` would put them. */
export function targetNamespaceOption(): Option {
  return new Option('-n, --namespace <name>', 'with --kubernetes: where manifests go that name no namespace')
}

export function healthAddressOption(): Option {
  return new Option('--health-address <address>', 'where /healthz and /readyz answer').default(':8081')
}

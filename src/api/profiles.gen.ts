// Generated from manifests/profiles/*.yaml by `npm run generate`. Edit those, not this file.

import type { CloudProfile } from './types.gen.ts'

/** The profiles that are built in, with their defaults applied. */

export const BUILT_IN_PROFILES: readonly CloudProfile[] = [
  {
    apiVersion: 'palisade.dev/v1alpha1',
    kind: 'CloudProfile',
    metadata: { name: 'alibaba' },
    spec: {
      displayName: 'Alibaba Cloud ECS',
      groupTypes: [
        {
          name: 'Basic',
          implicit: { ingress: 'Drop', egress: 'Allow' },
          innerAccess: { allowed: ['Accept', 'Drop'], default: 'Accept' },
          remotes: ['CIDR', 'SecurityGroup', 'AddressGroup'],
          asRemote: true,
          quotas: { securityGroupRemotes: 20, addresses: 6000, classicInstances: 1000 },
        },
        {
          name: 'Enterprise',
          implicit: { ingress: 'Drop', egress: 'Drop' },
          innerAccess: { allowed: ['Drop'], default: 'Drop' },
          remotes: ['CIDR', 'AddressGroup'],
          asRemote: false,
          networks: ['VPC'],
          quotas: { addresses: 65536 },
        },
      ],
      mixedGroupTypes: 'Refuse',
      networks: { types: ['VPC', 'Classic'], classicRemotes: ['CIDR', 'SecurityGroup'] },
      rules: {
        actions: ['Allow', 'Drop'],
        priority: { min: 1, max: 100, default: 1 },
        protocols: ['TCP', 'UDP', 'ICMP', 'ICMPv6', 'GRE', 'All'],
        protocolZero: 'HOPOPT',
        etherTypes: ['IPv4', 'IPv6'],
        sourcePorts: true,
        icmpFields: false,
        portLists: true,
        description: { min: 1, max: 512 },
        duplicates: 'Ignore',
      },
      templates: [
        {
          name: 'WebServerLinux',
          description: 'To deploy a Web server on the Linux instances in the security group',
          ingress: [
            {
              name: 'http',
              protocol: 'TCP',
              ports: [80],
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
              priority: 100,
            },
            {
              name: 'https',
              protocol: 'TCP',
              ports: [443],
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
              priority: 100,
            },
            {
              name: 'ssh',
              protocol: 'TCP',
              ports: [22],
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
              priority: 100,
            },
            { name: 'icmp', protocol: 'ICMP', remote: { cidr: '0.0.0.0/0' }, action: 'Allow', priority: 100 },
          ],
        },
        {
          name: 'WebServerWindows',
          description: 'To deploy a Web server on the Windows instances in the security group',
          ingress: [
            {
              name: 'http',
              protocol: 'TCP',
              ports: [80],
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
              priority: 100,
            },
            {
              name: 'https',
              protocol: 'TCP',
              ports: [443],
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
              priority: 100,
            },
            {
              name: 'rdp',
              protocol: 'TCP',
              ports: [3389],
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
              priority: 100,
            },
            { name: 'icmp', protocol: 'ICMP', remote: { cidr: '0.0.0.0/0' }, action: 'Allow', priority: 100 },
          ],
        },
        { name: 'Custom', description: 'Not for Web server' },
      ],
      defaultGroups: [
        {
          name: 'default',
          description: 'Default security group',
          type: 'Basic',
          create: 'WhenNeeded',
          editable: true,
          ingress: [
            { name: 'icmp', protocol: 'ICMP', remote: { cidr: '0.0.0.0/0' }, action: 'Allow', priority: 100 },
            {
              name: 'ssh',
              protocol: 'TCP',
              ports: [22],
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
              priority: 100,
            },
            {
              name: 'rdp',
              protocol: 'TCP',
              ports: [3389],
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
              priority: 100,
            },
          ],
        },
      ],
      instanceWithoutGroups: 'JoinDefault',
      names: {
        enforcement: 'Refuse',
        displayName: {
          min: 2,
          max: 128,
          pattern: '^[\\p{L}][\\p{L}0-9:_.\\-]*$',
          patternText:
            'a letter or Chinese character, then letters, digits, colons, underscores, periods and hyphens',
          forbiddenPrefixes: ['http://', 'https://'],
        },
        description: { min: 2, max: 256, forbiddenPrefixes: ['http://', 'https://'] },
      },
      quotas: {
        vpcs: { limit: 10, per: 'Region' },
        subnets: { limit: 150, per: 'VPC' },
        securityGroups: { limit: 100, per: 'Region' },
        rules: { limit: 200, per: 'SecurityGroup', addressGroups: 'MaxEntries' },
        groupsPerInstance: 5,
        rulesPerInstance: 1000,
      },
      deletion: { used: 'Block', referenced: 'Block' },
      established: 'Cut',
      advisories: [
        {
          direction: 'Egress',
          protocol: 'TCP',
          port: 25,
          message:
            'Alibaba Cloud blocks TCP port 25 outbound below its security groups, and no rule opens it (Limits)',
        },
      ],
      messages: {
        securityGroups: 'The maximum number of security groups is reached.',
        rules: 'The limit of authorization records in the security group reaches.',
        groupsPerInstance: 'Exceeding the allowed amount of security groups that an instance can be in.',
        classicInstances: 'The maximum number of instances in a security group is exceeded.',
        rulesPerInstance: '加入安全组失败，作用在该实例上的安全组规则数量已达上限',
        displayName: 'Specified security group name is not valid.',
        description: 'Specified security group description is not valid.',
        ruleDescription: 'The specified security group rule description is not valid.',
        protocol:
          'The parameter IpProtocol must be specified with case insensitive TCP, UDP, ICMP, GRE or All.',
        priority: 'The parameter Priority is invalid.',
        selfReference: 'The specified SecurityGroupId should be different from the SourceGroupId.',
        remoteVPC: 'Specified security group and source group are not in the same VPC.',
        unknownVPC: 'Specified VPC does not exist.',
        unknownSecurityGroup: 'The SourceGroupId provided does not exist in our records.',
        unknownInstanceGroup: 'The specified SecurityGroupId does not exist.',
        instanceVPC: 'Specified instance and security group are not in the same VPC.',
        classicAddressGroup:
          'The prefix list is not supported when the network type of security group is classic.',
        addressGroupFamily:
          'The address family of the specified prefix list does not match the specified CidrIp.',
        deletionUsed: 'There is still instance(s) in the specified security group.',
        deletionReferenced: 'The specified security group has been authorized in another one.',
      },
    },
  },
  {
    apiVersion: 'palisade.dev/v1alpha1',
    kind: 'CloudProfile',
    metadata: { name: 'jdcloud' },
    spec: {
      displayName: 'JD Cloud',
      groupTypes: [
        { name: 'Basic', implicit: { ingress: 'Drop', egress: 'Drop' }, remotes: ['CIDR'], asRemote: true },
      ],
      mixedGroupTypes: 'Refuse',
      networks: {
        types: ['VPC'],
        cidrs: { within: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'], minLength: 16, maxLength: 28 },
        subnets: { minLength: 16, maxLength: 28 },
      },
      rules: {
        actions: ['Allow'],
        protocols: ['TCP', 'UDP', 'ICMP', 'ICMPv6', 'All'],
        protocolZero: 'HOPOPT',
        etherTypes: ['IPv4', 'IPv6'],
        sourcePorts: false,
        icmpFields: false,
        portLists: false,
        description: { max: 256 },
        duplicates: 'Ignore',
      },
      templates: [
        {
          name: 'LinuxPort22',
          description: 'Linux security group allows port 22',
          ingress: [
            {
              name: 'ssh',
              description: 'the inbound rule only allows port TCP 22 port for SSH login',
              protocol: 'TCP',
              ports: [22],
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
            },
          ],
          egress: [
            {
              name: 'all',
              description: 'the outbound rule allows all traffic by default',
              protocol: 'All',
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
            },
          ],
        },
        {
          name: 'WindowsPort3389',
          description: 'Windows security group allows port 3389',
          ingress: [
            {
              name: 'rdp',
              description: 'the inbound rule only allows port TCP 3389 for MSTSC login',
              protocol: 'TCP',
              ports: [3389],
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
            },
          ],
          egress: [
            {
              name: 'all',
              description: 'the outbound rule allows all traffic by default',
              protocol: 'All',
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
            },
          ],
        },
        {
          name: 'AllPorts',
          description: 'Default security group allows all traffic',
          ingress: [
            {
              name: 'all',
              description:
                'inbound/outbound rule allows all traffic by default, and there is a certain security risk',
              protocol: 'All',
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
            },
          ],
          egress: [
            {
              name: 'all',
              description:
                'inbound/outbound rule allows all traffic by default, and there is a certain security risk',
              protocol: 'All',
              remote: { cidr: '0.0.0.0/0' },
              action: 'Allow',
            },
          ],
        },
      ],
      instanceWithoutGroups: 'Refuse',
      names: {
        enforcement: 'Warn',
        displayName: {
          required: true,
          min: 1,
          max: 32,
          pattern: '^[\\p{Script=Han}0-9A-Za-z_\\-]+$',
          patternText:
            'only Chinese characters, digits, upper and lower case letters, underscores and hyphens',
        },
        description: { max: 256 },
      },
      quotas: {
        vpcs: { limit: 10, per: 'Region' },
        subnets: { limit: 10, per: 'VPC' },
        securityGroups: { limit: 50, per: 'VPC' },
        rules: { limit: 100, per: 'SecurityGroup', addressGroups: 'One' },
        groupsPerInstance: 5,
      },
      deletion: { used: 'Block', referenced: 'Block' },
      established: 'Keep',
      advisories: [
        {
          direction: 'Egress',
          protocol: 'TCP',
          port: 25,
          message:
            'JD Cloud opens port 25 (SMTP, sending mail) only after a ticket, whatever the security group says',
        },
      ],
      messages: {
        securityGroups:
          'The number of security groups under selected virtual private cloud resource has reached {limit}',
        rules: 'At most {limit} rules can be added for each security group in both directions',
        groupsPerInstance:
          'A single network interface of each instance can be associated with {limit} security groups at the same time',
        vpcs: 'Quota exceeded',
        displayName: 'invalid parameter',
        description: 'invalid parameter',
        unknownVPC: 'Resource not found',
        unknownInstanceGroup: "SecurityGroups '{name}' not found",
        action:
          'The security group rule policy is always "Allow"; you cannot create rules that "Reject" access.',
        priority: 'The security group has no priority.',
        ruleDescription: 'up to 256 characters can be entered',
        instanceVPC:
          'The security group can only be applied to instances under the same virtual private cloud.',
        instanceWithoutGroups:
          'Each network interface of an instance must be associated to at least one security group',
        deletionUsed: 'Only security groups that are not associated with an instance can be deleted',
      },
    },
  },
  {
    apiVersion: 'palisade.dev/v1alpha1',
    kind: 'CloudProfile',
    metadata: { name: 'nhn' },
    spec: {
      displayName: 'NHN Cloud',
      groupTypes: [
        {
          name: 'Basic',
          implicit: { ingress: 'Drop', egress: 'Drop' },
          remotes: ['CIDR', 'SecurityGroup', 'SelfReference'],
          asRemote: true,
        },
      ],
      mixedGroupTypes: 'Refuse',
      networks: {
        types: ['VPC'],
        cidrs: { within: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'], maxLength: 24 },
        subnets: { maxLength: 28 },
      },
      rules: {
        actions: ['Allow'],
        protocolZero: 'All',
        etherTypes: ['IPv4', 'IPv6'],
        sourcePorts: false,
        icmpFields: true,
        portLists: false,
        description: { max: 255 },
        duplicates: 'Refuse',
      },
      initialRules: {
        egress: [
          { name: 'all-ipv4', etherType: 'IPv4', protocol: 'All', action: 'Allow' },
          { name: 'all-ipv6', etherType: 'IPv6', protocol: 'All', action: 'Allow' },
        ],
      },
      defaultGroups: [
        {
          name: 'default',
          description: 'Default security group',
          create: 'WithVPC',
          editable: true,
          ingress: [
            {
              name: 'members-ipv4',
              etherType: 'IPv4',
              protocol: 'All',
              remote: { self: true },
              action: 'Allow',
            },
            {
              name: 'members-ipv6',
              etherType: 'IPv6',
              protocol: 'All',
              remote: { self: true },
              action: 'Allow',
            },
          ],
          egress: [
            { name: 'all-ipv4', etherType: 'IPv4', protocol: 'All', action: 'Allow' },
            { name: 'all-ipv6', etherType: 'IPv6', protocol: 'All', action: 'Allow' },
          ],
        },
      ],
      instanceWithoutGroups: 'JoinDefault',
      names: { enforcement: 'Refuse', displayName: { max: 255 }, description: { max: 255 } },
      quotas: { vpcs: { limit: 3, per: 'Region' }, subnets: { limit: 10, per: 'VPC' } },
      deletion: { used: 'Block', referenced: 'Cascade' },
      established: 'Cut',
      messages: { action: 'Set only the allow policy', duplicateRule: 'Security group rule already exists.' },
    },
  },
  {
    apiVersion: 'palisade.dev/v1alpha1',
    kind: 'CloudProfile',
    metadata: { name: 'standard' },
    spec: {
      displayName: 'palisade standard',
      groupTypes: [
        {
          name: 'Basic',
          implicit: { ingress: 'Drop', egress: 'Drop' },
          remotes: ['CIDR', 'SecurityGroup', 'SelfReference', 'AddressGroup'],
          asRemote: true,
        },
      ],
      mixedGroupTypes: 'Refuse',
      networks: { types: ['VPC'] },
      rules: {
        actions: ['Allow', 'Drop'],
        priority: { min: 1, max: 1000, default: 100 },
        protocolZero: 'HOPOPT',
        etherTypes: ['IPv4', 'IPv6'],
        sourcePorts: true,
        icmpFields: true,
        portLists: true,
        duplicates: 'Ignore',
      },
      instanceWithoutGroups: 'DenyAll',
      deletion: { used: 'Block', referenced: 'Block' },
      established: 'Cut',
    },
  },
]

import { anyProtocol, definePlugin, optionalString, strings } from '../plugin.ts';
import { boolean } from '../typedefs.ts';
import { addressList } from './address-list.ts';

export const keyAuth = definePlugin({
  name: 'key-auth',
  priority: 1250,
  isWithoutConsumer: true,
  config: {
    key_names: {
      type: 'array',
      required: true,
      default: ['apikey'],
      elements: {
        type: 'string',
        check: (value) =>
          /^[A-Za-z0-9_-]+$/.test(String(value))
            ? undefined
            : `bad header name '${value}', allowed characters are A-Z, a-z, 0-9, '_', and '-'`,
      },
    },
    hide_credentials: boolean(false),
    anonymous: optionalString,
    key_in_header: boolean(true),
    key_in_query: boolean(true),
    key_in_body: boolean(false),
    run_on_preflight: boolean(true),
    realm: { type: 'string', required: false },
  },
});

export const basicAuth = definePlugin({
  name: 'basic-auth',
  priority: 1100,
  isWithoutConsumer: true,
  config: {
    anonymous: optionalString,
    hide_credentials: boolean(false),
    realm: { type: 'string', required: true, default: 'service' },
  },
});

export const jwt = definePlugin({
  name: 'jwt',
  priority: 1450,
  isWithoutConsumer: true,
  config: {
    uri_param_names: { type: 'set', elements: optionalString, default: ['jwt'] },
    cookie_names: { type: 'set', elements: optionalString, default: [] },
    key_claim_name: { type: 'string', default: 'iss' },
    secret_is_base64: boolean(false),
    claims_to_verify: { type: 'set', elements: { type: 'string', one_of: ['exp', 'nbf'] } },
    anonymous: optionalString,
    run_on_preflight: boolean(true),
    maximum_expiration: { type: 'number', between: [0, 31_536_000], default: 0 },
    header_names: { type: 'set', elements: optionalString, default: ['authorization'] },
    realm: { type: 'string', required: false },
  },
  entityChecks: [
    {
      conditional: {
        if_field: 'config.maximum_expiration',
        if_match: { gt: 0 },
        then_field: 'config.claims_to_verify',
        then_match: { contains: 'exp' },
      },
    },
  ],
});

const HMAC_ALGORITHMS = ['hmac-sha1', 'hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const;

export const hmacAuth = definePlugin({
  name: 'hmac-auth',
  priority: 1030,
  isWithoutConsumer: true,
  config: {
    hide_credentials: boolean(false),
    clock_skew: { type: 'number', default: 300, gt: 0 },
    anonymous: optionalString,
    validate_request_body: boolean(false),
    enforce_headers: { ...strings, default: [] },
    algorithms: {
      type: 'array',
      elements: { type: 'string', one_of: HMAC_ALGORITHMS },
      default: HMAC_ALGORITHMS,
    },
    realm: { type: 'string', required: false },
  },
});

export const acl = definePlugin({
  name: 'acl',
  priority: 950,
  isWithoutConsumer: true,
  config: {
    allow: strings,
    deny: strings,
    hide_groups_header: boolean(false),
    always_use_authenticated_groups: boolean(false),
  },
  entityChecks: [
    { only_one_of: ['config.allow', 'config.deny'] },
    { at_least_one_of: ['config.allow', 'config.deny'] },
  ],
});

export const ipRestriction = definePlugin({
  name: 'ip-restriction',
  priority: 990,
  protocols: anyProtocol,
  defaultProtocols: ['http', 'https', 'tcp', 'tls', 'grpc', 'grpcs'],
  config: {
    allow: addressList,
    deny: addressList,
    status: { type: 'number', required: false },
    message: { type: 'string', required: false },
  },
  entityChecks: [{ at_least_one_of: ['config.allow', 'config.deny'] }],
});

export const botDetection = definePlugin({
  name: 'bot-detection',
  priority: 2500,
  isWithoutConsumer: true,
  config: {
    allow: { type: 'array', default: [], elements: { type: 'string', is_regex: true } },
    deny: { type: 'array', default: [], elements: { type: 'string', is_regex: true } },
  },
});

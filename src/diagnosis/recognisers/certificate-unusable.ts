import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const certificateUnusable: Rule = {
  id: 'certificate-unusable',
  weight: 'certain',
  failure: 'a certificate or its key cannot be read, is no certificate, has expired, or does not match',
  remedy: '`apictl certs check` and `apictl up`, which issues anew what is unfit',
  recognise: (facts) => {
    const found = heard(
      facts,
      /cannot load certificate(?: key)? "([^"]+)"/,
      /(?:denied|no such file|ENOENT|EACCES).*?(\/\S+\.(?:crt|key|pem))/i,
      /(\/\S+\.(?:crt|key|pem)).*(?:denied|no such file)/i,
      /PEM routines::|PEM lib|key values mismatch|certificate has expired|CERT_HAS_EXPIRED|asn1 encoding routines/,
    );
    return found === undefined
      ? undefined
      : {
          cause: `cannot use a certificate or its key: ${found.line}`,
          hint: 'Run "apictl certs check"; "apictl up" issues anew what is missing, expired or does not match its key.',
        };
  },
};

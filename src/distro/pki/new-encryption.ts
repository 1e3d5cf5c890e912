import { randomBytes } from 'node:crypto';

const keyBytes = 32;

/**
 * An EncryptionConfiguration with a key of its own: Secrets are encrypted by `secretbox`, which upstream recommends of those
 * whose key stays (`aesgcm` asks for a new one from time to time), and what was stored before is read as it is.
 */
export function newEncryption(): string {
  return `# How this cluster encrypts Secrets in its store; made by kubets up. Nobody can read them without the key in this file,
# so keep a copy of it where backups are, and it from others. To change it: docs/encryption.md.
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers:
      - secretbox:
          keys:
            - name: key1
              secret: ${randomBytes(keyBytes).toString('base64')}
      - identity: {}
`;
}

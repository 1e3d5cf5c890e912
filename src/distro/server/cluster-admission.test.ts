import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clusterConfig } from '../config/cluster-config.ts';
import { clusterAdmission } from './cluster-admission.ts';

test('a cluster has the usual admission plug-ins, and others if it is told to', async () => {
  expect(await clusterAdmission(clusterConfig({}, undefined))).toMatchObject({ enabledAdmission: [] });
  const given = { enableAdmissionPlugins: 'AlwaysPullImages,NamespaceExists', disableAdmissionPlugins: ['Priority'] };
  expect(await clusterAdmission(clusterConfig(given, undefined))).toMatchObject({
    enabledAdmission: ['AlwaysPullImages', 'NamespaceExists'],
    disabledAdmission: ['Priority'],
  });
});

test('of pods that could take over their node is warned, unless a file says otherwise', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubets-cluster-admission-'));
  try {
    const admissionControlConfigFile = join(folder, 'admission');
    const file = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration' };
    const kind = { apiVersion: 'pod-security.admission.config.k8s.io/v1', kind: 'PodSecurityConfiguration' };
    const plugins = [{ name: 'PodSecurity', configuration: { ...kind, defaults: { enforce: 'restricted' } } }];
    writeFileSync(admissionControlConfigFile, JSON.stringify({ ...file, plugins }));
    const levelsOf = async (given: object) =>
      (await clusterAdmission(clusterConfig(given, undefined))).pluginConfigurations?.PodSecurity?.defaults;
    expect(await levelsOf({})).toMatchObject({ enforce: 'privileged', audit: 'baseline', warn: 'baseline' });
    expect(await levelsOf({ admissionControlConfigFile })).toMatchObject({ enforce: 'restricted', warn: 'privileged' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what can not be is said before anything is started', async () => {
  const config = (given: object) => clusterConfig(given, undefined);
  await expect(clusterAdmission(config({ enableAdmissionPlugins: 'X' }))).rejects.toThrow(
    'enable-admission-plugins plugin "X" is unknown',
  );
  await expect(clusterAdmission(config({ admissionControlConfigFile: '/nowhere' }))).rejects.toThrow('/nowhere');
  expect(() => config({ disableAdmissionPlugins: 'A,,B' })).toThrow('must be names, with commas between');
});

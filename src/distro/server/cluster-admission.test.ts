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

test('what can not be is said before anything is started', async () => {
  const config = (given: object) => clusterConfig(given, undefined);
  await expect(clusterAdmission(config({ enableAdmissionPlugins: 'X' }))).rejects.toThrow(
    'enable-admission-plugins plugin "X" is unknown',
  );
  await expect(clusterAdmission(config({ admissionControlConfigFile: '/nowhere' }))).rejects.toThrow('/nowhere');
  expect(() => config({ disableAdmissionPlugins: 'A,,B' })).toThrow('must be names, with commas between');
});

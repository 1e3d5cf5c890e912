import type { BuiltImage } from './build-image.ts';
import { buildDebianImage, type DebianImage } from './debian-image.ts';
import type { ImageCache } from './image-cache.ts';
import { unpullableHost } from './image-name.ts';
import { architectureOf } from './pause.ts';

/** The name of the small image with busybox. */
export const busyboxImageName = `${unpullableHost}/busybox:1`;

/** The name of the image with nginx and bash, without its tag: `:1` and `:2` differ in what they answer. */
export const webImageName = `${unpullableHost}/web`;

const accounts = [
  {
    content:
      'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\nwww-data:x:33:33::/var/www:/bin/sh\n',
    to: '/etc/passwd',
  },
  { content: 'root:x:0:\nnogroup:x:65534:\nwww-data:x:33:\ntty:x:5:\n', to: '/etc/group' },
  { content: 'hosts: files dns\n', to: '/etc/nsswitch.conf' },
  { directory: '/root', mode: 0o700 },
  { directory: '/tmp', mode: 0o1777 },
];

const applets =
  'ash awk basename cat chmod chown cp cut date dd df dirname du echo env expr false find free grep head hostname httpd id ip kill killall ln ls md5sum mkdir mktemp more mount mv nc netstat nslookup od ping printf ps pwd readlink rm rmdir route sed seq sh sha256sum sleep sort stat stty sync tail tar tee telnet test timeout top touch tr traceroute true tty umount uname uniq uptime vi wc wget whoami xargs yes';

const busybox: DebianImage = {
  name: busyboxImageName,
  packages: ['busybox-static'],
  contents: [...accounts, ...applets.split(' ').map((name) => ({ link: 'busybox', to: `/bin/${name}` }))],
  config: { cmd: ['/bin/sh'] },
};

/** glibc's character sets: a quarter of the image, for conversions that nobody asks for. */
const characterSets = ['usr/lib/x86_64-linux-gnu/gconv', 'usr/lib/aarch64-linux-gnu/gconv'];

/** nginx's modules and their libraries are left out, and with them two thirds of the packages it depends on. */
const webPackages = [
  'nginx nginx-common libc6 libcrypt1 libpcre2-8-0 libssl3 zlib1g',
  'bash libtinfo6 coreutils libacl1 libattr1 libgmp10 libselinux1',
  'iproute2 libbpf1 libelf1 libmnl0 libxtables12 libcap2 libbsd0 libmd0 libdb5.3',
  'libtirpc3 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libcom-err2 libkrb5support0 libkeyutils1',
  'grep sed base-files libzstd1 busybox-static',
].flatMap((names) => names.split(' '));

const nginxConf = `user www-data;
worker_processes 1;
pid /run/nginx.pid;
error_log /dev/stderr;
events { worker_connections 512; }
http {
  include /etc/nginx/mime.types;
  access_log /dev/stdout;
  server {
    listen 80 default_server;
    root /usr/share/nginx/html;
    location = /hostname { default_type text/plain; return 200 "$hostname\\n"; }
  }
}
`;

function web(version: string): DebianImage {
  const page = `<!DOCTYPE html><title>Welcome to nginx!</title><h1>Welcome to nginx!</h1><p>kubets web ${version}</p>\n`;
  return {
    name: `${webImageName}:${version}`,
    packages: webPackages,
    without: ['usr/share/nginx/html', 'etc/nginx/sites-enabled', ...characterSets],
    contents: [
      ...accounts,
      { content: nginxConf, to: '/etc/nginx/nginx.conf' },
      { content: page, to: '/usr/share/nginx/html/index.html' },
      { link: 'bash', to: '/bin/sh' },
      ...['ps', 'hostname', 'wget', 'nc', 'nslookup', 'ping'].map((name) => ({ link: 'busybox', to: `/bin/${name}` })),
      { directory: '/var/log/nginx' },
      { directory: '/var/lib/nginx' },
      { directory: '/run' },
    ],
    config: {
      entrypoint: ['/usr/sbin/nginx'],
      cmd: ['-g', 'daemon off;'],
      exposedPorts: ['80/tcp'],
      // nginx finishes the requests it has on SIGQUIT, and drops them on SIGTERM.
      stopSignal: 'SIGQUIT',
    },
  };
}

/** busybox with a link for each of its commands that tests use: sh, wget, nc, nslookup, httpd, … */
export function buildBusyboxImage(cache: ImageCache): Promise<BuiltImage> {
  return buildDebianImage(busybox, { cache, architecture: architectureOf(process.arch) });
}

/**
 * nginx on port 80 with bash, coreutils, `ip`, and wget, ps and a few more of busybox. `/` names the version, `/hostname` the pod; versions differ in
 * nothing else, as a rolling update wants it.
 */
export function buildWebImage(version: '1' | '2', cache: ImageCache): Promise<BuiltImage> {
  return buildDebianImage(web(version), { cache, architecture: architectureOf(process.arch) });
}

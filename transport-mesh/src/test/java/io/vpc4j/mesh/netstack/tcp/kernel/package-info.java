/** TCP against the Linux kernel, over a TUN device in a network namespace of its own. */
package io.vpc4j.mesh.netstack.tcp.kernel;

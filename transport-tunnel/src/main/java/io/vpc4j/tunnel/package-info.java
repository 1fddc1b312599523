/** What starts the two ends of a tunnel. */
package io.vpc4j.tunnel;

/** What starts a mesh node. */
package io.vpc4j.mesh;

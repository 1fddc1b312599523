/**
 * The text of a {@code wg-quick} file taken apart: sections, keys, values, and the lines they stand
 * on. What a key means is known by {@code io.vpc4j.mesh.WgQuickFile}. wg(8), wg-quick(8)
 */
package io.vpc4j.mesh.wireguard.conf;

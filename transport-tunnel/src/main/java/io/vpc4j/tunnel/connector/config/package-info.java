/**
 * What a connector is told to do: {@code config.yml}, the configuration an edge pushes, and the
 * rules in both, as values that can only be right.
 *
 * <p>Specification tags used in this package:
 *
 * <ul>
 *   <li>{@code [C]} the protocol of {@code cloudflared} as observed: its flags (1.1), its two
 *       configuration formats (1.7, 4.8) and its ingress rules (7.8).
 * </ul>
 *
 * <p>{@link io.vpc4j.tunnel.connector.config.ConfigNode} is a document of either language with the
 * places things stood at; {@link io.vpc4j.tunnel.connector.config.ConnectorConfig} is what it
 * means. {@link io.vpc4j.tunnel.connector.config.IngressRules} chooses.
 *
 * <p>Does not live here: any input or output. Nothing in this package opens a file.
 */
package io.vpc4j.tunnel.connector.config;

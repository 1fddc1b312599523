package io.vpc4j.core.routing;

import io.vpc4j.NetworkTarget;

/** A binding as the router sees it. */
public sealed interface BindingSpec {

  /** The binding's name. */
  String name();

  /** Whether it reaches the simulated network and nothing else. */
  boolean simulated();

  /**
   * A {@code vpc_networks} binding: the URL decides.
   *
   * @param name the binding's name
   * @param target the tunnel or the network
   * @param simulated whether it reaches the simulated network
   */
  record Network(String name, NetworkTarget target, boolean simulated) implements BindingSpec {}

  /**
   * A {@code vpc_services} binding: the record decides.
   *
   * @param name the binding's name
   * @param serviceId which record
   * @param simulated whether it reaches the simulated network
   */
  record Service(String name, String serviceId, boolean simulated) implements BindingSpec {}
}

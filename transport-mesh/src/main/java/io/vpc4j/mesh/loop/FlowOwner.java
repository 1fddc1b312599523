package io.vpc4j.mesh.loop;

/** Whoever is told that a flow has news. */
public interface FlowOwner {

  /** Called on the loop: ask the flow what is new. */
  void onReady();
}

package io.vpc4j.core.routing;

import io.vpc4j.Explanation;
import io.vpc4j.Url;
import io.vpc4j.VpcException;

/**
 * The router of one binding: what the fetch engine asks for every request and every redirect.
 * Always answers from the newest snapshot.
 */
public interface Routes {

  /**
   * Where a fetch of {@code url} goes.
   *
   * @throws VpcException at stage {@link VpcException.Stage#ROUTE}: no route, or denied
   */
  Route fetch(Url url) throws VpcException;

  /**
   * Where a raw connection goes. For a service binding the arguments are ignored: the record
   * decides.
   *
   * @param host a name, or an address with or without brackets
   * @throws VpcException at stage {@link VpcException.Stage#ROUTE}: no route, or denied
   */
  Route connect(String host, int port) throws VpcException;

  /** What {@link #fetch} would do. */
  Explanation explain(Url url);
}
